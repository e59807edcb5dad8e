"""Rules for when a contract begins, how long it lasts, how it is renewed and what stops the renewal."""

from __future__ import annotations

from .rule import Rule, rule

_AGREEMENT = (
    r"(?:agreement|contract|lease|term|addendum|amendment|license|policy|arrangement|engagement|appointment|franchise)"
)
_PERIOD = r"(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|eighteen|twenty|thirty|forty|sixty|ninety|\[[^\]]{0,12}\]|_{2,})[ \-)(\d]{0,12}(?:business |calendar |consecutive |full |contract )?(?:day|week|month|year)"
EFFECTIVE_DATE = (
    rule(
        "effective_date.defined",
        "effective date",
        r"\((?:the |hereinafter |hereafter |referred to as |collectively |, |as |this agreement's )*\W{0,2}(?:agreement )?effective date",
        opening=True,
    ),
    rule(
        "effective_date.as_of",
        "effective|commence",
        r"(?:agreement|contract|amendment|addendum|lease|parties|executed|entered|made)\b.{0,200}(?:effective|commenc\w+) (?:as of|on|from|upon|date|this|the|as from)",
        r"\b(?:19|20)\d\d\b|date (?:hereof|first)|\[|_{2,}|first above written",
        opening=True,
        none=(r"having previously entered|original agreement|debt securities",),
    ),
    rule(
        "effective_date.shall_commence",
        "agreement|contract|term",
        r"(?:(?:this|the present|the) (?:\w+ )?(?:agreement|contract|amendment|addendum|lease)|\bterm\b|duration)\b.{0,80}(?:shall|will|is|to|does|shall be deemed to) (?:be deemed |become |begin |be |come |start |take |enter |made |commence ?)+(?:and become |into |in |to be )?(?:effect|force|commence|begin|on\b|upon|from|as of|the)",
        r"effect|force|commence|begin|start",
        none=(
            r"terminat\w+ (?:shall|will|is|to) (?:be|become) effective|terminated|employment|effective unless|insurance|warranty",
        ),
    ),
    rule(
        "effective_date.executed_effective",
        "effective|in witness",
        r"(?:executed|duly|signed|hereunto|caused)\b.{0,160}(?:to be |be |and |but )?effective (?:as of|on|from|upon|the)",
    ),
    rule(
        "effective_date.means",
        "effective date",
        r"^\W{0,8}(?:[\d.]+ )?(?:the )?\W{0,3}effective date\W{0,3}(?: of (?:this|the) \w+)?\W{0,3} ?(?:shall |has |is |)(?:means?|be|is|:|the (?:meaning|date)|as of)",
    ),
    rule(
        "effective_date.commences",
        "commence|effective|begin|force|effect",
        r"this (?:\w+ )?(?:agreement|contract|lease|amendment)\b.{0,30}(?:commences|is effective|becomes effective|takes effect|begins|comes into (?:force|effect)|enters into (?:force|effect)|effective) ?(?:on|upon|as of|as from|from|with)?",
    ),
    rule(
        "effective_date.as_of_opening",
        "as of|dated|this",
        r"as of (?:the |this )?\w+.{0,24}\b(?:19|20)\d\d\b",
        opening=True,
    ),
    rule(
        "effective_date.day_of",
        "day of",
        r"\b(?:this|the|on) .{0,20}day of .{0,20}\b(?:19|20)\d\d\b",
        r"agreement|between|made",
        opening=True,
    ),
    rule("effective_date.mention", "effective date", r"effective date", opening=True),
)
EXPIRATION_DATE = (
    rule(
        "expiration_date.term_of_agreement",
        "term|period|duration",
        rf"(?:initial term|\bterm\b|duration|validity|period)\W{{0,3}} (?:of|for|under) (?:this|the|your|such) (?:\w+ ){{0,3}}{_AGREEMENT}\b.{{0,80}}(?:shall|will|is|are|commenc|begin|runs?|continue)|\"?term\"?\W{{0,3}} ?(?:\([^)]{{0,40}}\) )?(?:shall|will|is|of this)\b.{{0,60}}(?:be|commence|begin|expire|continue|end|for|run)\b",
        rf"{_PERIOD}|until|expire|anniversary|perpetual|indefinite|\b(?:19|20)\d\d\b|in perpetuity|earlier of|later of|completion",
        none=(r"^\W{0,3}(?:[\d.]+ )?during the (?:\w+ )?term", r"for the purposes? of this|credit agreement"),
    ),
    rule(
        "expiration_date.shall_continue",
        "agreement|contract|term|lease",
        r"(?:this|the|such|present|said) (?:\w+ ){0,2}(?:agreement|contract|license|appointment|engagement|lease|venture)\b.{0,140}\b(?:continue|remain|be|is|are|stay|commence|begin|come|enter|last|endure|expire|valid)s?\b.{0,60}(?:effect|force|effective|until|period|term|years?|months?|indefinite|perpet)",
        rf"{_PERIOD}|until|expire|expiration|anniversary|perpetual|indefinite|perpetuity|\b(?:19|20)\d\d\b|completion|\[",
        r"\bterm\b|(?:in|into) (?:full )?(?:force|effect)|effective|continue|expire|valid|duration",
        none=(
            r"confidential|\binsurance\b|warrant|may be (?:terminated|amended)|renew|breach|survive|subject to the terms|to the extent|assign",
        ),
    ),
    rule(
        "expiration_date.continue_and_renew",
        "agreement|contract|term|lease",
        r"(?:agreement|contract|license|appointment|engagement|lease|term)\b.{0,140}\b(?:continue|remain|be|is|commence|begin)s?\b.{0,60}(?:effect|force|effective|until|period|term|years?|months?)",
        rf"{_PERIOD}",
        r"renew|extend|unless (?:sooner|earlier|terminated)",
        r"effective date|date (?:hereof|of)|initial|commenc|from|expir|until",
        none=(r"confidential|\binsurance\b|warrant|breach|survive",),
    ),
    rule(
        "expiration_date.expire_on",
        "expire|terminate|end",
        r"(?:agreement|contract|term|lease)\b.{0,60}(?:shall|will|to) (?:automatically )?(?:expire|terminate|end)\b.{0,60}(?:on|upon|at|the|in) .{0,60}(?:anniversary|\b(?:19|20)\d\d\b|years?|months?|earlier|later|expiration)",
        none=(r"either party|may terminate|breach|default|insolv",),
    ),
    rule(
        "expiration_date.period_after_effective",
        "year|month",
        rf"{_PERIOD}s?\)?.{{0,30}}(?:from|after|following|commencing|beginning|of) (?:on |and including )?(?:the )?(?:effective date|date (?:hereof|of this)|commencement|execution|date first)",
        r"\bterm\b|effect|expire|continue",
        none=(r"confidential", r"warrant"),
    ),
    rule(
        "expiration_date.defined_term",
        "term|period",
        r"\"(?:initial |contract |agreement |service |license |cooperation )?(?:term|period)\" (?:shall )?(?:means?|has|is|be)\b",
        rf"{_PERIOD}|until|\b(?:19|20)\d\d\b|expir",
        none=(r"royalty|warranty|exclusiv|renewal|reporting|notice",),
    ),
    rule(
        "expiration_date.heading",
        "year|month|until|date|expire|expiration",
        r"(?:shall|will|is|are|for|commenc|expire|continue|terminat)",
        rf"{_PERIOD}|\b(?:19|20)\d\d\b|until|expiration",
        heading=r"^(?:initial |contract )?(?:term|duration|validity|period)\b(?! of payment)(?:,? .*)?$",
        none=(r"may terminate|breach|default|insolv|written notice|confidential",),
    ),
    rule(
        "expiration_date.label",
        "term|period|duration",
        r"(?:^|\W)(?:[\d.()a-z]{1,5} )?(?:initial |contract |license |cooperation )?(?:term|duration|period)\b(?: of (?:this |the )?agreement)? ?[:.\-]+ .{0,40}"
        + _PERIOD,
    ),
)
RENEWAL_TERM = (
    rule(
        "renewal_term.automatic",
        "renew|exten",
        r"(?:automatic\w*|tacit\w*|successive|additional|consecutive|further|subsequent|evergreen|another|succeeding)\b.{0,60}(?:renew|exten[ds])|(?:renew|exten[ds])\w*\b.{0,60}(?:automatic\w*|tacit\w*|successive|additional|consecutive|further|subsequent|month.to.month|annual|another|succeeding)",
        r"\b(?:agreement|term|contract|license|lease|franchise|engagement|it)\b.{0,120}(?:renew|exten[ds])|(?:renew|exten[ds])\w*\b.{0,40}(?:agreement|\bterm\b|contract|franchise|lease)",
        none=(
            r"extension of time|extend(?:ed)? (?:the )?time|renewal of (?:the )?(?:registration|patent|trademark)|cure period|force majeure|review period|polic(?:y|ies)|cure|not cause this|deadline|dispute|mediation|support period|delivery",
        ),
    ),
    rule(
        "renewal_term.option",
        "renew|exten|successor",
        r"(?:option|right|elect\w*|may|entitled|can|successor|agree\w*|wish\w*|choose|desire\w*|negotiate)\b.{0,80}\b(?:renew|extend|extension|successor franchise)",
        r"(?:renew|exten|successor)\w*\b.{0,120}(?:agreement|term\b|contract|franchise|lease|license|period)",
        _PERIOD + "|same|renewal term|yearly|annual",
        none=(
            r"extension of time|registration|purchase order|cure|force majeure|credit|review period|polic(?:y|ies)|deadline|dispute|patent|arbitrat",
        ),
    ),
    rule(
        "renewal_term.periods",
        "renew|exten",
        r"(?:renew|exten[ds])\w*\b.{0,60}(?:for|by|of|on) .{0,50}(?:" + _PERIOD + r"|periods?|terms?|basis|year)",
        r"(?:agreement|\bterm\b|contract|franchise|lease)\b.{0,120}(?:renew|exten)|(?:renew|exten)\w*\b.{0,60}(?:agreement|\bterm\b|contract|franchise|lease)",
        none=(
            r"extension of time|registration|purchase order|cure|force majeure|letters? of credit|credit facility|review period|polic(?:y|ies)|deadline|dispute|support period",
        ),
    ),
    rule(
        "renewal_term.defined",
        "renewal|extension|extended|extended|additional|successor",
        r"\W(?:renewal|extension|extended|additional|subsequent|successor) (?:term|period)s?\"",
        r"renew|extend|extension|additional",
        none=(r"^during",),
    ),
    rule(
        "renewal_term.thereafter",
        "thereafter|year to year|month to month|year-to-year|month-to-month|after that|continue|following",
        r"(?:thereafter|continue|renew|after that|initial term).{0,80}(?:year.to.year|month.to.month|until terminated|from year|yearly basis|until either party|until cancelled)|month.to.month basis|year.to.year basis",
    ),
    rule(
        "renewal_term.renewable",
        "renewable|extendable|extendible",
        r"(?:renewable|extend[ai]ble)\b.{0,40}(?:for|by|upon|each|annual|in accordance|automatic)",
        none=(r"energy|power|resource",),
    ),
)
NOTICE_TO_STOP = (
    rule(
        "notice_period_to_terminate_renewal.unless",
        "renew|extend|extension|month to month|year to year|month-to-month|year-to-year|continue",
        r"(?:renew|extend|extension|continue|year.to.year|month.to.month)",
        r"\b(?:unless|provided|if|until|except|without)\b.{0,200}(?:noti(?:ce|fi|fy)|terminat|cancel|advis|inform|request)",
        _PERIOD,
        r"(?:automatic\w*|successive|annual|yearly|tacit|year.to.year|month.to.month|additional|consecutive)\b.{0,200}(?:unless|until|provided|if|except|without)|not to (?:renew|extend)|non-?renew|intention",
        r"\b(?:agreement|contract|term|lease|attachment|franchise|renewal)\b",
        none=(
            r"option to (?:renew|extend)|elects? to (?:renew|extend)|cure|insurance|polic(?:y|ies)|arbitration|support period|survive|force majeure|licenses granted herein will continue",
        ),
    ),
    rule(
        "notice_period_to_terminate_renewal.non_renewal",
        "renew|extend|extension",
        r"(?:not (?:to |be |wish to |desire to |intend to |automatically )?(?:renew|extend|continue)|non-?renewal|intent\w* (?:not )?to|terminat\w+)",
        r"(?:notice|notif|advise|inform)",
        _PERIOD,
        r"(?:prior to|before|preceding|in advance of) .{0,60}(?:expir|end|renewal|anniversary|\bterm\b|conclusion)",
        r"(?:renew|extend|extension|then.current)",
        none=(r"breach|default|cure|insur|polic(?:y|ies)|material (?:change|modification)|deficienc",),
    ),
    rule(
        "notice_period_to_terminate_renewal.after_initial",
        "initial term|thereafter|renewal",
        r"(?:(?:after|following|upon|expiration of) the initial (?:term|period)|thereafter|renewal term|any renewal)\b",
        r"terminat\w*\b.{0,120}notice|notice\b.{0,120}terminat",
        _PERIOD,
        none=(r"breach|default|cure|insur|surviv|confidential",),
    ),
)

RULES: tuple[Rule, ...] = (
    *EFFECTIVE_DATE,
    *EXPIRATION_DATE,
    *RENEWAL_TERM,
    *NOTICE_TO_STOP,
)
