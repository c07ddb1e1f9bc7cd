"""Under which domain somebody's employer or a site is registered (the Public Suffix List), and what says nothing. Pure."""

from functools import cache, lru_cache
from urllib.parse import urlsplit

from disposable_email_domains import blocklist
from publicsuffixlist import PublicSuffixList

# Mail providers for everybody: sharing one says nothing. The brands have an address in many countries.
PUBLIC_BRANDS = frozenset(
    "aol fastmail gmail gmx googlemail hotmail icloud live mac mail me msn outlook posteo proton protonmail tuta tutanota "
    "yahoo yandex ymail zoho".split()
)
PUBLIC_DOMAINS = frozenset(
    "abv.bg alice.it aon.at arcor.de azet.sk bigpond.com bk.ru bluewin.ch btinternet.com centrum.cz email.cz freemail.hu "
    "free.fr freenet.de home.nl interia.pl inbox.lv inbox.ru kpnmail.nl laposte.net libero.it list.ru mailbox.org mail.bg "
    "mail.ee net.hr o2.pl onet.pl onet.eu orange.fr planet.nl pm.me rambler.ru sapo.pt seznam.cz sfr.fr siol.net skynet.be "
    "t-online.de telenet.be telia.com tiscali.it ukr.net virgilio.it wanadoo.fr web.de wp.pl zonnet.nl ziggo.nl".split()
)
SITE_PROVIDERS = frozenset(
    "blogspot.com facebook.com google.com instagram.com jimdosite.com linkedin.com weebly.com wixsite.com wordpress.com x.com "
    "youtube.com".split()
)
NOBODYS = frozenset("example invalid localhost test example.com example.net example.org".split())  # RFC 2606


def own_domain(email: str) -> str | None:
    """The domain under which somebody's employer is registered; nothing if it is a public mail provider's.

    That of "ana@mail.uni.example.co.uk" is "example.co.uk": of what everybody can register under, by the Public Suffix List.
    """
    return _registered(_host_of(email))


def site_domain(address: str) -> str | None:
    """The same of a page's address; a site at a provider of sites for everybody has none."""
    try:
        host = urlsplit(address.strip()).hostname or ""
    except ValueError:  # brackets, as around an address of IPv6, with something else in them
        return None
    domain = _registered(host.strip(".").lower())
    return None if domain in SITE_PROVIDERS else domain


def is_disposable(email: str) -> bool:
    """Whether it is an address of a provider that gives one to anybody for some minutes."""
    host = _host_of(email)
    return any(each in blocklist for each in {host, _suffixes().privatesuffix(host) or host})


def _host_of(email: str) -> str:
    return email.rpartition("@")[2].strip().strip(".").lower()


@lru_cache(maxsize=8192)
def _registered(host: str) -> str | None:
    domain: str | None = _suffixes().privatesuffix(host)
    if domain is None or domain in PUBLIC_DOMAINS | NOBODYS or domain.rpartition(".")[2] in NOBODYS:
        return None
    name, _, suffix = domain.partition(".")
    country_wide = "." not in suffix.removeprefix("co.").removeprefix("com.")
    return None if country_wide and name in PUBLIC_BRANDS else domain


@cache
def _suffixes() -> PublicSuffixList:
    """Read when it is first asked for: it takes a tenth of a second."""
    return PublicSuffixList()
