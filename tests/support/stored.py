"""When files were stored: stores write down the machine's time, whatever the clock of the tests says."""

from datetime import datetime

from mobility.uploads.files import Store


def newest(store: Store) -> datetime:
    """The instant at which the newest file of a store was written."""
    return max(store.filesystem.modified(path) for path in store.filesystem.find(store.root))
