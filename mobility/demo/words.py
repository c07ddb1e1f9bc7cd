"""What the people of the demonstration write."""

from collections.abc import Mapping
from typing import NamedTuple

MOTIVATIONS = (
    "We have tried something like this twice and stopped both times at the money. I want to see how you made it last.",
    "Our members ask for exactly this service, and nobody in our team has built it before.",
    "Our ministry wants a proposal by summer. I would rather learn from your mistakes than make them again.",
    "I am new in the cluster team, and your way of working was named to me three times in one month.",
    "We start a similar programme next year and want to do it with you rather than next to you.",
    "Two of our firms work with two of yours already. It is time that the clusters meet, too.",
)
OBJECTIVES = (
    "Understand the price list and draft ours.\nSee the contracts.\nAgree on one thing we try together within six months.",
    "Learn the method well enough to run it once alone.\nBring home the templates.\nMeet two firms that went through it.",
    "Compare our figures with yours, line by line.\nLeave with three measures and a date for each.",
    "See a working day of the team.\nWrite down what we would do differently.\nPrepare a session for our own board.",
    "Find out what it costs in hours.\nTalk to those who use the service.\nDecide whether it fits our members.",
)
BRINGS = (
    "Our evaluation of the last three years, with what went wrong, and an afternoon with your team on it.",
    "A workshop for your members on our market, and introductions to four firms.",
    "Our template for agreements between firms, tested in 23 projects.",
    "An honest outsider's report on what I saw, in your words and ours.",
    "Figures of our survey among members, so that yours have something to be compared with.",
)
CONTACT_NOTES = (
    "Half an hour on what both expect; the dates fit.",
    "We know what we want to look at, and who should be there.",
    "Talked about interpreters: none needed.",
    "",
)
DECLINE_REASONS = (
    "Our team is at the fair in these weeks. Please look at the later window.",
    "We have just received two delegations on the same topic and need a break to digest.",
    "Your objectives are closer to what our colleagues at the digital hub do; write to them, I have told them about you.",
)
QUESTIONS = (
    "Which of your objectives is new compared with your visit last year?",
    "The host's benefit reads rather general. What exactly will you leave behind?",
    "Is a colleague of yours applying for the same days? Then one voucher would be enough.",
)
PLANS = (
    "Arrival, walk through the offices, introduction of the team. Dinner with two board members.",
    "The figures: accounts, price list, contracts. Afternoon with a member firm that pays for them.",
    "A day in the field: two plants in the morning, the test site in the afternoon.",
    "Workshop on your own case, with our team as critics. Write-up together.",
    "Session with our members. What we take home, what we try together, and by when.",
    "A morning with the ministry; the afternoon is yours to ask whatever is still open.",
    "Joint look at the survey results; a call with a colleague who tried it elsewhere.",
)
TAKEN_HOME = (
    "A price list on one page",
    "The agenda of their member meeting",
    "Asking our members once a year, with their questions",
    "The contract for shared test sites",
)
LINKS = (
    "The chair of our cluster sits on the supervisory board of the guest's organisation.",
    "The guest's director is married to our office manager, who takes no part in choosing guests.",
)


class Tale(NamedTuple):
    """A success story: its chapters, what its pictures show, and what the host adds."""

    texts: Mapping[str, str]
    alts: tuple[str, ...]
    host_view: str


TALES = (
    Tale(
        {
            "title": "We know what an hour of our service costs, and our members pay for it",
            "context": "We gave our service away to whoever asked, and nobody in the team could say what an hour of "
            "it cost us. The grant that paid for it was to end within a year.",
            "taken_over": "A price list by the hour, with one price for members and one for all others.\n"
            "A calendar in which firms book by themselves.\n"
            "One meeting a month in which the team and the office look at the figures.",
            "took": "Five weeks from the visit to the first invoice. About 60 hours of our own, most of them for "
            "the calculation, an evening with the supervisory board, and 900 euro for the calendar.",
            "evidence": "The price list is on our website. Of the first seven bookings three came from firms that are"
            " not members.",
            "transfer": "The calculation is a spreadsheet with eleven lines; any service can be put into it. What one"
            " needs is a team that writes down its hours for two weeks before one sets a price.",
            "not_worked": "Discounts for founders: nobody asked for them. We also tried to sell hours in packages of "
            "ten. Firms paid once and then forgot what they had left, so we took that back after three "
            "weeks.",
            "strategy": "Smart specialisation strategy of the region: services that small firms share",
        },
        (
            "Our workshop and its yard, drawn: two machines beside a house with a brown roof",
            "The yard from the other side, with two houses",
        ),
        "We had to put our own numbers on the table, and saw that we had never counted the hours of the office. We do now.",
    ),
    Tale(
        {
            "title": "A first talk for founders that ends with a date",
            "context": "Founders came to us, talked for an hour, and we never saw them again.",
            "taken_over": "A first talk of 40 minutes that ends with one task and one date.",
            "took": "Three afternoons of training, and the patience to stop talking.",
            "evidence": "",
            "transfer": "All of it: one page with six questions is enough.",
            "not_worked": "We tried it by video first. Half of them did not come.",
            "strategy": "",
        },
        (),
        "Our guests counted how often we interrupted. We do that now, too.",
    ),
)
SERVICE_TALES = (
    Tale(
        {
            "title": "We ask our members once a year, and now something comes of it",
            "context": "Our member survey had 60 questions. One member in ten answered, and nobody could say what had changed "
            "because of it.",
            "taken_over": "A survey of nine questions, each with somebody in our team who has to act on the answer.\n"
            "A page that tells members four weeks later what we do and what we do not.",
            "took": "Two days of training for five of us, a day to cut the questions, and the courage to drop those that only "
            "our board liked.",
            "evidence": "41 of 96 members answered the first one, and two new services began with their answers.",
            "transfer": "The nine questions fit any cluster. The rule does, too: what nobody would act on is not asked.",
            "not_worked": "A prize for those who answer. It brought us answers, but no honest ones.",
            "strategy": "Our own plan for member services until 2029",
        },
        (),
        "We had taught surveys for years without asking who acts on them. That question now comes first in the course.",
    ),
    Tale(
        {
            "title": "Five sessions that kept a new cluster manager from starting over",
            "context": "Our manager left within a month, and his successor came from another field.",
            "taken_over": "A list of what has to be decided in the first hundred days.\nA talk of an hour with each of the ten "
            "largest members before any new project.",
            "took": "Five sessions of three hours in half a year, and time to prepare each of them.",
            "evidence": "",
            "transfer": "The list, and that somebody from outside asks whether it was done.",
            "not_worked": "A session by video in which both of us read mails.",
            "strategy": "",
        },
        (),
        "We now begin every coaching with the talks to members: they tell us what the five sessions should be about.",
    ),
)
