"""What the people of the demonstration write."""

MOTIVATIONS = (
    "We have tried something like this twice and stopped both times at the money. I want to see how you made it last.",
    "Our members ask for exactly this service, and nobody in our team has built it before.",
    "Our ministry wants a proposal by summer. I would rather learn from your mistakes than make them again.",
    "I am new in the cluster team, and your way of working was named to me three times in one month.",
    "We start a similar programme next year and want to do it with you rather than next to you.",
    "Two of our firms work with two of yours already. It is time that the clusters meet, too.",
)
OBJECTIVES = (  # one to a line
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
REPORTS = (
    "We followed their team for three days and saw how a request becomes an offer. The accounts were open to us.",
    "Two workshops and four visits to firms. What we had taken for a question of money is one of habits.",
    "They showed us also what had failed. We compared both price lists, and ours is too long.",
    "The method is simpler than we thought. One of us ran it once, with their people as critics.",
)
TAKEN_HOME = (
    "A price list on one page",
    "The agenda of their member meeting",
    "Asking our members once a year, with their questions",
    "The contract for shared test sites",
)
TAKE_OVERS = (
    "A price list on one page. Our director, by the end of the quarter.",
    "The agenda of their member meeting, tried out at our next one.",
    "Their way of asking members once a year, with the questions. Our project lead, in autumn.",
    "Nothing that can be copied as it is; a list of five things we stop doing.",
)
LINKS = (
    "The chair of our cluster sits on the supervisory board of the guest's organisation.",
    "The guest's director is married to our office manager, who takes no part in choosing guests.",
)
