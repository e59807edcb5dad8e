"""Rules for governing law and for liability: what is capped, what is not, what is fixed beforehand."""

from __future__ import annotations

from .rule import Rule, rule

_PERIOD = r"(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|eighteen|twenty|thirty|forty|sixty|ninety|\[[^\]]{0,12}\])[ \-)(\d]{0,12}(?:business |calendar |consecutive )?(?:day|week|month|year)"
GOVERNING_LAW = (
    rule(
        "governing_law.governed",
        "govern|constru|interpret|subject to|enforce",
        r"(?:govern|constru|interpret|enforc|determin|subject)\w*\b.{0,120}\b(?:laws?|code|statutes?|legislation)\b(?: of)?",
        r"(?:agreement|contract|amendment|addendum|lease|hereof|hereunder|terms|license|rights|validity|guaranty|undertaking|this|charter|arrangement|parties)",
        none=(
            r"in compliance with|comply|(?:permitted|required|prohibited) by (?:applicable )?laws?|shall be subject to (?:applicable|all)|as defined|withhold|governmental|export|maximum extent",
        ),
    ),
    rule(
        "governing_law.laws_of",
        "law",
        r"\blaws? of (?:the )?(?:state|commonwealth|people|province|republic|kingdom|united|england|\w+)",
        r"(?:govern|constru|interpret|choice of|conflict|applicable)",
        none=(r"organi[sz]ed|incorporated|existing|good standing|duly", r"compl(?:y|iance)"),
    ),
    rule(
        "governing_law.heading",
        "law",
        r"\blaws?\b",
        heading=r"governing law|applicable law|choice of law|law and jurisdiction|law;|governing",
    ),
)
_LIMIT = r"(?:in no event|under no circumstances|neither party|no party|limitations? (?:of|on) liabilit|limitations?\b|shall not (?:be liable|exceed)|will not (?:be liable|exceed)|limited to|no liability|not be liable|nor shall|exclude or limit|be greater than)"
_LOSS = r"(?:indirect|consequential|incidental|punitive|special|exemplary|lost profit|loss of profit|liabilit|damages)"
UNCAPPED_LIABILITY = (
    rule(
        "uncapped_liability.except",
        "except|other than|exclu|exception",
        r"(?:except|other than|excluding|with the exception|exclusive of)\b.{0,200}(?:indemn|confiden|gross|wil+ful|fraud|intentional|infring|death|personal injury|misconduct|breach|misappropriat|section|article|paragraph|clause|third.part)",
        _LIMIT,
        r"(?:indirect|consequential|incidental|punitive|special,|exemplary|lost profit|loss of profit|liabilit\w+\b.{0,200}(?:exceed|limited to|greater than)|aggregate|exceed)",
        none=(
            r"implied warrant|merchantab|insur|shall (?:defend|indemnify)|agrees? to (?:defend|indemnify)|contribut",
        ),
    ),
    rule(
        "uncapped_liability.not_apply",
        "limit|exclusion|cap",
        r"(?:limitations?|exclusions?|\bcaps?\b|this section|foregoing|restriction|none of the)\b.{0,120}(?:shall not|will not|do(?:es)? not|not|be|are)\b.{0,12}(?:apply|limit|applicable|affect|extend|available|excluded)",
        r"(?:indemn|breach|negligen|misconduct|confiden|infring|death|injury|fraud|obligation)",
        none=(
            r"statute|insurance|implied warrant|allow the (?:exclusion|limitation)|jurisdiction|not limited to|indemnified party shall",
        ),
    ),
    rule(
        "uncapped_liability.nothing_limits",
        "nothing|not exclude|not limit",
        r"(?:nothing\b.{0,80}|shall not |does not |not )(?:be deemed to |operate to )?(?:exclude|limit|restrict)s?\b.{0,80}liab",
        none=(r"without limitation,? |not limited to",),
    ),
    rule(
        "uncapped_liability.unlimited",
        "unlimited|without limit|not be limited|no limit",
        r"(?:liab\w*\b.{0,60}(?:unlimited|without limit(?!ation,)|not be limited|no limit)|unlimited liab)",
        none=(r"without limitation,? |limited liability",),
    ),
    rule(
        "uncapped_liability.unless_wilful",
        "except|unless|other than|exclu|provided|notwithstanding",
        r"(?:except|unless|other than|exclud|provided|notwithstanding)\w*\b.{0,160}(?:gross(?:ly)? negligen|wil+ful|fraud|intentional|bad faith|indemn|confiden)",
        r"(?:liable|liabilit)",
        _LIMIT,
        none=(
            r"implied warrant|merchantab|insur|shall (?:defend|indemnify)|agrees? to (?:defend|indemnify)|contribut|directors|officers|agents? of|good faith",
        ),
    ),
    rule(
        "uncapped_liability.subject_to",
        "subject to|without affecting|without limiting|provided",
        r"(?:subject to|without (?:affecting|limiting)|provided,? that)\b.{0,60}(?:section|article|clause|obligation|liabilit)",
        _LIMIT,
        r"(?:consequential|indirect|incidental|punitive|exceed)",
        none=(r"insur|shall (?:defend|indemnify)",),
    ),
    rule(
        "uncapped_liability.carve_out",
        "except|other than|exclu|notwithstanding|unless|provided",
        r"(?:except|other than|exclud|notwithstanding|unless|provided)\b",
        _LOSS,
        _LIMIT,
        none=(r"implied warrant|merchantab|insur|shall (?:defend|indemnify)",),
        heading=r"liab|damages|remed",
    ),
)
CAP_ON_LIABILITY = (
    rule(
        "cap_on_liability.exceed",
        "exceed|limited to|greater than|maximum|capped",
        r"(?:liab|damages|recover|obligation|remed|claim|indemn)\w*\b.{0,240}(?:exceed|limited to|be greater than|maximum|capped)|(?:exceed|limited to|maximum)\b.{0,120}(?:liab|damages)",
        r"(?:liab|damages)",
        none=(r"insur|but not limited to|not limited to|including limit|maximum extent|fullest extent", r"liquidated"),
    ),
    rule(
        "cap_on_liability.no_consequential",
        "consequential|indirect|incidental|punitive|special|lost profits|loss of profit",
        r"(?:consequential|incidental|punitive|special|exemplary|lost profits?|loss of (?:profit|revenue|business|use|data))\b",
        r"(?:in no event|no event|neither|not\b|no\b|exclud|waive|nor\b|limit)",
        r"(?:liab|responsib|damages|recover|entitled|claim)",
        none=(
            r"including,? without limitation,? (?:consequential|incidental)",
            r"shall (?:indemnify|be liable for (?:all|any) )",
        ),
    ),
    rule(
        "cap_on_liability.not_liable",
        "liable|liability|responsible",
        r"(?:(?:shall|will|is|are|be) (?:not|have no) (?:be )?(?:liab|responsib)|no(?:t have any)? liability|neither\b.{0,60}(?:liable|responsible)|not be (?:held )?(?:liable|responsible)|in no event|no (?:responsibility|liability)|not liable|sole (?:liability|remedy))",
        none=(
            r"force majeure|beyond|acts? of god|delay|confidential|no further liab|any liability (?:under|of) the|prior to (?:the )?terminat",
            r"recipient|receiving party",
        ),
    ),
    rule(
        "cap_on_liability.heading",
        "liab|damages|loss",
        r"(?:liab|damages)",
        r"(?:not|no|exceed|limit|except)",
        heading=r"limit\w* (?:of|on) (?:\w+ )?(?:liab|damage|remed)|liability|exclusion of|consequential|damages|disclaimer",
    ),
    rule(
        "cap_on_liability.time_bar",
        "action|claim|suit|proceeding",
        r"(?:no |any |must|barred|waive|not be)\b.{0,60}(?:actions?|claims?|suits?|proceedings?)\b.{0,160}(?:more than|within|after|later than|unless)\b.{0,40}"
        + _PERIOD,
        r"(?:accru|cause of action|arose|occurr|brought|commenc|assert|institut|barred|discover|warrant|file)",
        none=(
            r"insur|indemnif(?:y|ied) party|arbitrat|dispute shall|mediat|bankrupt|involuntary|petition|notice of (?:any )?(?:claim|breach)",
        ),
    ),
    rule(
        "cap_on_liability.sole_remedy",
        "sole|exclusive",
        r"(?:sole|exclusive|only) (?:and exclusive |and only |and sole )?(?:remed|recourse|liabilit|obligation)",
        r"(?:liab|remed|obligation|recourse)",
        none=(r"not (?:be )?(?:the )?(?:sole|exclusive)",),
    ),
)
LIQUIDATED_DAMAGES = (
    rule(
        "liquidated_damages.words",
        "liquidated",
        r"liquidated",
        none=(
            r"liquidated,? (?:or|and) unliquidated|unliquidated|insolven|dissolv|wound|liquidated or|(?:is|be|being|are) liquidated|damages \(including|consequential|no liabilit|neither party",
        ),
    ),
    rule(
        "liquidated_damages.not_penalty",
        "penalt",
        r"not (?:as )?(?:a )?penalt|contractual penalty|pay (?:a|the) penalty|penalty (?:of|equal|fee|payment)",
        none=(r"without (?:any )?penalt|civil|taxes|interest and penalt|fines",),
    ),
    rule(
        "liquidated_damages.termination_fee",
        "fee|payment|charge",
        r"(?:(?:early )?terminat\w*|cancel\w*|buy.?out|break.?up) (?:fee|payment|charge|penalt)s?",
        r"(?:pay|owe|liable|equal|amount|\$)",
        none=(r"no (?:terminat|cancel)\w* fee|without|bank of",),
    ),
    rule(
        "liquidated_damages.pay_on_termination",
        "terminat|cancel",
        r"(?:if|in the event|upon|should)\b.{0,160}(?:terminat|cancel)\w*\b.{0,160}(?:pay|liable|forfeit)\w*\b.{0,80}(?:\$|percent|%|amount equal|sum of|remaining)",
        none=(
            r"insur|accrued|prior to the|due and owing|through the|up to the (?:date|effective)|refund|pro.?rata|commission|earned",
        ),
    ),
    rule(
        "liquidated_damages.shortfall",
        "shortfall|deficiency payment|make-up|failure to",
        r"(?:shortfall|deficiency) (?:payment|fee|amount|charge)",
        r"pay",
    ),
    rule(
        "liquidated_damages.per_day",
        "day|week|delay",
        r"(?:\$|percent|%|\]|\d).{0,60}(?:per|for each|for every|each) (?:day|week|hour|calendar|full|violation|breach|occurrence)",
        r"(?:delay|late deliver|fail|breach|default|violat)",
        none=(r"interest|invoice|insur|per annum|past due",),
    ),
)

RULES: tuple[Rule, ...] = (
    *GOVERNING_LAW,
    *UNCAPPED_LIABILITY,
    *CAP_ON_LIABILITY,
    *LIQUIDATED_DAMAGES,
)
