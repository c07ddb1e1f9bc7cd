"""What the tests of several features begin with; it is built in tests/support/."""

from tests.support.cases import case as case
from tests.support.cases import full as full
from tests.support.cases import light as light
from tests.support.tills import till as till
