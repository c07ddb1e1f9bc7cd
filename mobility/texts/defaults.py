"""What the pages say until somebody has written them: none of a fresh installation is empty, and none says what is not true."""

DEFAULTS = {
    "imprint": """\
Whoever runs this installation of Mobility has not entered their name and address here yet. An administrator
does so under
*Administration*, *Texts*.

The software is free (EUPL-1.2). Its makers run no installation and see no data of any.
""",
    "privacy": """\
## What is stored

- your name, your mail address, your organisation and your roles in it
- what you write in applications, agreements, reports and answers, and the files that you add
- what you do with them, and when: signatures, decisions and payments have to be proved years later
- your bank account, if you are paid; only those who pay you see it in whole
- for your safety: from which browsers you are signed in

## Who sees it

Those who have a part in the same application, exchange or voucher, and the people of the programme that pays.
Nothing is sold, nothing is sent
to advertisers, and no page loads anything from elsewhere. The cookies that are set keep you signed in; none follows
you.

## How long

As long as the rules of the programme that pays require records to be kept.

## What you can ask for

To see what is stored about you, to have it corrected, and to have deleted what need not be kept. Write to [the
contact](/contact). Whoever is
responsible for this installation under data protection law is named in the [imprint](/imprint).
""",
    "accessibility": """\
This site is made to conform to WCAG 2.2, level AA.

- All of it works with a keyboard alone, at 320 pixels width, in light and dark, and without JavaScript.
- Every page is tested automatically with axe on each change.
- Colours are never the only sign, and dates and amounts are written out.

## What we know is missing

Files that people upload, such as invoices, are as accessible as whoever made them left them.

## Tell us

If something does not work for you, say so to [the contact](/contact): on which page, with which browser or aid.
No complete test by people who
depend on aids has been recorded for this installation yet.
""",
    "help": """\
## If you are new

Choose your role further down: each has its first steps on one page. Everything that waits for you stands on
your first page, the most urgent
first, each with its deadline and one button. You are reminded by mail.

## If you cannot sign in

Open [Sign in](/sign-in) and have a link sent with which you set a new password. If no mail comes, look into
your spam folder, then ask
[the contact](/contact).

## If you were given a voucher or a certificate

Anybody can [check its code](/check).
""",
    "contact": """\
**About an exchange, a voucher or a payment:** write to the programme that pays. Each has its own page under
[Programmes](/programmes).

**About signing in, your account or your data:** ask a coordinator of your organisation, who can reach the
administrators of this installation. An
address for everybody has not been entered here yet.

**About a weakness in the security of this site:** see [security.txt](/.well-known/security.txt).
""",
}
OF_PROGRAMME = {
    "contact": """\
{programme} has not entered an address of its own yet. Whatever waits for it, you can see in your case: each
page names whose turn it is, and until
when. For everything else there is [the contact of this site](/contact).
""",
    "help": """\
What {programme} pays, for whom, and what it promises, stands on [its page](/programmes/{id}). How Mobility
works is explained in
[the help of this site](/help).
""",
}


def default_of(key: str) -> str:
    return DEFAULTS[key]


def default_of_programme(key: str, id: int, name: str) -> str:
    """`name` is text, not Markdown."""
    return OF_PROGRAMME[key].format(id=id, programme=_plain(name))


def _plain(name: str) -> str:
    """So that no sign of it marks anything."""
    return "".join(f"\\{each}" if each in r"\`*_{}[]()<>#+-.!|~&:" else each for each in name)
