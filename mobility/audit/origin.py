"""Where a request came from, as far as the audit log keeps it: the one place here that asks the request."""

from ipaddress import ip_network

from flask import has_request_context, request

KEPT_BITS = {4: 24, 6: 48}  # a house's network, not the machine in it: enough to see a stranger, too little to follow somebody


def is_known() -> bool:
    """Whether this is a request, and no job or command."""
    return has_request_context()


def network() -> str:
    """ "203.0.113.0/24", "2001:db8:7::/48"; nothing for jobs and the command line."""
    return network_of(request.remote_addr or "") if is_known() else ""


def network_of(address: str) -> str:
    try:
        whole = ip_network(address.partition("%")[0])
    except ValueError:
        return ""
    return str(whole.supernet(new_prefix=KEPT_BITS[whole.version]))
