"""Rules for what the parties may not do beside the contract: compete, deal with others, solicit, speak ill; and what is let out of it."""

from __future__ import annotations

from .rule import Rule, rule

_NOT = r"(?:not\b|neither|nor\b|no\b|refrain|prohibit|cease)"
MOST_FAVORED_NATION = (
    rule("most_favored_nation.words", "most favored|most favoured|most-favored|most-favoured", r"most.favou?red"),
    rule(
        "most_favored_nation.as_favorable",
        "favorable|favourable|favored|beneficial|advantageous",
        r"(?:no less|not less|as|more|at least as|equally|less) (?:or more )?(?:favou?rabl|advantageous|beneficial)\w*",
        r"(?:pric|rate|term|royalt|fee|condition|charge|discount|treat|alloc)",
        r"(?:other|any|similar\w*|third|another|comparable|its|existing) (?:\w+ ){0,3}(?:customer|licensee|part(?:y|ies)|purchaser|person|distributor|reseller|client|buyer|entity|supplier|user|recipient|sponsor|collaborator|quarterback|agreement)",
        none=(
            r"arm'?s.length|affiliates? (?:on|of)|unaffiliated",
            r"no less (?:favou?rable|protective|restrictive|stringent).{0,30}(?:confidential|protect)",
            r"subcontract|sublicense|solvency|merger|transferee|judgment",
        ),
    ),
    rule(
        "most_favored_nation.best_price",
        "lowest|best",
        r"(?:lowest|best) (?:price|rate|net price|pricing|fee)s?\b",
        r"(?:other|any|third|its|similar) (?:\w+ ){0,3}(?:customer|part(?:y|ies)|purchaser|person|distributor|client)",
    ),
    rule(
        "most_favored_nation.adjust",
        "lower|favorable|highest",
        r"(?:offer|sell|grant|provide|enter)\w*.{0,200}(?:lower|more favou?rable|better|highest|more beneficial).{0,60}(?:pric|term|rate|royalt)",
        r"(?:reduce|adjust|same|offer|amend|benefit|extend|increase|entitled)",
        r"(?:other|third|any|another|member) (?:\w+ ){0,3}(?:customer|part(?:y|ies)|purchaser|person|licensee|distributor|agreement|quarterback)",
    ),
)
_SHALL_NOT = r"(?:(?:shall|will|may|must|agrees?|covenants?|undertakes?|warrants?)\b.{0,120}\bnot\b|shall refrain|refrain from|neither\b.{0,160}(?:shall|will|may)|prohibited from|be prohibited|agrees? not|covenants? not)"
_DEAL = r"(?:engage|own|operate|participat|carry on|maintain|have any interest|establish|be involved|invest|assist|develop|manufacture|market|distribut|sell|offer|promote|represent|advertise|provide|conduct|lend|acquire|consult|employed|enter|work|endorse|licen[sc]e|perform|solicit|appear|produce|commercialize|research|place|purchase|render)"
NON_COMPETE = (
    rule(
        "non_compete.heading",
        "compet|similar|engage|business|other",
        r"(?:not\b|neither|nor\b|no\b|refrain|prohibit)",
        r"compet|similar|engage|other|any",
        heading=r"non.?compet|covenants? not to compete|restrictive covenant|competition|competing|competitive",
    ),
    rule(
        "non_compete.shall_not_deal_competing",
        "compet|similar",
        _SHALL_NOT + r"\b.{0,200}" + _DEAL,
        r"compet(?:e|es|ing|itive|itor)s?\b|(?:same|identical|substantially similar|similar) (?:or (?:substantially )?similar |to the )?(?:business|product|service|promotion|project|activit)",
        none=(
            r"competitive (?:pric|bid|rate|basis|position|information)|disclos(?!er\b|ing party)|competent|anti-?competitive|confidential|nothing|not (?:be )?(?:deemed|construed|limit|preclude|prevent|prohibit|restrict)|assign(?:ed)? (?:to|this)|consent of assignment|terminate this|liable|infring|logos",
        ),
    ),
    rule(
        "non_compete.engage",
        "compet",
        r"(?:not\b|neither|nor\b|refrain|prohibit)",
        _DEAL + r"\w*\b.{0,160}(?:compet(?:e|es|ing|itive|itor)|similar (?:business|product))",
        none=(
            r"competitive (?:pric|bid|rate|basis|position)|disclos(?!er\b|ing party)|competent|anti-?competitive|solicit|nothing|not (?:be )?(?:deemed|construed|preclude|prevent)",
            r"confidential",
        ),
    ),
    rule(
        "non_compete.shall_not_compete",
        "compete",
        r"(?:not|neither|nor)\b.{0,60}\bcompetes?\b",
        none=(r"not (?:be )?(?:deemed|construed|limit|preclude|prevent|prohibit|restrict)|may compete", r"nothing"),
    ),
    rule(
        "non_compete.during_term_not",
        "during",
        r"(?:during|throughout|for (?:the|a) (?:term|period))\b.{0,160}" + _SHALL_NOT + r"\b.{0,80}" + _DEAL,
        r"(?:any|similar|same|directly or indirectly|other|competing|territory)",
        none=(
            r"confidential|disclos(?!er\b|ing party)|solicit for|employee|hire|assign|standstill|proxy|securities|information|infring|voting|employ\b",
        ),
    ),
    rule(
        "non_compete.competing_products",
        "compet",
        r"compet(?:ing|itive|itor)\w*\b.{0,20}(?:product|business|service|compound|brand|party|work|activit|line|good|platform|technolog)",
        _NOT,
        r"(?:shall|will|agree|covenant|may)",
        none=(
            r"confidential|disclos(?!er\b|ing party)|nothing|not (?:be )?(?:deemed|construed|preclude|prevent)|assign",
        ),
    ),
    rule(
        "non_compete.competitor_mention",
        "competit|competing",
        r"(?:shall|will|agrees?|may|must) (?:\w+ ){0,3}not\b.{0,200}compet(?:itor|ing|itive)",
        none=(r"disclos(?!er\b|ing party)|confidential|assign|logo|nothing",),
    ),
)
_NONEXCLUSIVE = r"non-?\s?exclusive|nonexclusive|not (?:be )?(?:an )?exclusive|without (?:an )?exclusiv"
_NOT_DEALING = r"exclusive (?:property|remed|jurisdiction|venue|owner|control|forum|responsib|benefit|discretion|authority|liab|exploitation|brand)|exclusive of|sole and exclusive (?:property|remed|jurisdiction|owner|liab|obligation|right, title)|exclusive right,? title|exclusive rights? to (?:control|defend|prosecute|institute|apply|file|prepare|set|determine|enforce)|right, but not|exclusively owned|exclusively (?:by|be) (?:referred|settled|govern)|purpose of"
EXCLUSIVITY = (
    rule(
        "exclusivity.heading",
        "exclusiv|sole|only|other|not",
        r"(?:shall|will|agrees?|grants?|appoint|may)\b",
        r"(?:exclusiv|sole|only|not|no |other)",
        heading=r"^(?:\W|\d)*exclusiv|exclusivity|(?:grant of|exclusive) (?:exclusive )?(?:rights|distribut)",
        none=(r"non-?\s?exclusiv",),
    ),
    rule(
        "exclusivity.exclusive_appointment",
        "exclusive",
        r"(?:grants?|appoints?|designat\w+|engages?|retains?|authoriz\w+)\b.{0,160}\b(?:exclusive|sole and exclusive)\b.{0,60}(?:right|distributor|agent|supplier|provider|representative|licen[sc]|reseller|sponsor|partner|manufacturer|dealer|source|territor|basis|marketing|distribution|sale|franchise)",
        none=(_NONEXCLUSIVE, _NOT_DEALING),
    ),
    rule(
        "exclusivity.shall_be_exclusive",
        "exclusive",
        r"(?:shall|will|to|is|as) (?:be |act as |serve as |have |become )?(?:its |the |our |an? |their )?(?:sole and )?exclusive (?:\w+ ){0,3}(?:right|distributor|agent|supplier|provider|representative|licensee|reseller|sponsor|partner|manufacturer|dealer|source|vendor|carrier)",
        none=(_NONEXCLUSIVE, _NOT_DEALING),
    ),
    rule(
        "exclusivity.only_from",
        "exclusively|solely|only from|all of its requirements|all its requirements|requirements|only",
        r"(?:shall|will|agrees?|must|may)\b.{0,80}(?:purchase|buy|obtain|source|acquire|procure|supply|sell|deal|order|use|provide|market|distribute|carry|promote|offer|work)\w*\b.{0,120}\b(?:exclusively|solely from|only from|all (?:of )?(?:its|their|your) (?:\w+ ){0,3}requirements|only (?:to|through|with))",
        none=(
            r"jurisdiction|court|exclusively (?:by|for|in) (?:the )?(?:state|laws)|solely for|law|title|expense|confidential|information|authoriz|tax|only with|only to the extent|owned",
        ),
    ),
    rule(
        "exclusivity.no_other",
        "other|another|third part|anyone",
        r"(?:shall|will|may|agrees?|covenants?|must) (?:\w+ ){0,4}not\b.{0,60}(?:appoint|grant|enter into|license|authoriz|engage|sell|purchase|market|supply|distribut|promote|establish|contract|franchise|offer|provide|obtain|perform|endors)\w*\b.{0,120}\b(?:any other|another|any third|third part|anyone|other (?:person|part|distrib|entit|agent|compan))",
        r"(?:territory|during|term|field|exclusiv|similar|competi|products?|services?|purpose)",
        none=(
            r"confidential|disclos|assign|sublicens|transfer|reverse|affiliate thereof|infring|consent of the other|behalf of|conflict|subcontract|information|lien|encumb|source code|agent of|bind",
        ),
    ),
    rule(
        "exclusivity.no_other_grant",
        "other|another|third part|anyone",
        r"(?:not|neither|no)\b.{0,60}(?:appoint|grant|licen[sc]e|authoriz)\w*\b.{0,120}(?:any other|another|any third|third part|anyone|other (?:person|part|distrib|entit|agent|franchis))",
        r"(?:territory|market|field|exclusiv|distribut|franchis|product|advertis|promot|purpose)",
        none=(r"confidential|disclos|sublicens|assign|consent of the other|behalf of|conflict|lien",),
    ),
    rule(
        "exclusivity.exclusively_during",
        "exclusiv",
        r"exclusiv",
        r"(?:during the term|territory|field|throughout|within)",
        none=(_NONEXCLUSIVE, _NOT_DEALING),
    ),
    rule(
        "exclusivity.exclusive_right",
        "exclusive",
        r"\bexclusive\b.{0,30}(?:right|licen[sc]e|territory|market|basis|supplier|distribut|provider)",
        none=(_NONEXCLUSIVE, _NOT_DEALING),
    ),
    rule(
        "exclusivity.words",
        "exclusivity",
        r"exclusivity",
        r"shall|will|agree|period|during",
        none=(r"data exclusivity|marketing exclusivity|regulatory exclusivity|market exclusivity",),
    ),
)
NO_SOLICIT_CUSTOMERS = (
    rule(
        "no_solicit_of_customers.solicit",
        "customer|client|account|supplier",
        r"(?:not\b|neither|nor\b|refrain|prohibit)",
        r"(?:solicit|divert|entice|induce|interfere|call upon|contact|approach|canvass|take away|persuade|pursue|target)\w*\b.{0,160}\b(?:customers?|clients?|accounts?|patrons|merchants?|policyholders?|subscribers?|purchasers?|end users?)\b",
        none=(r"confidential", r"customer (?:complaint|inquir)"),
    ),
    rule(
        "no_solicit_of_customers.heading",
        "customer|client|account|user",
        r"(?:customers?|clients?|accounts?|users)",
        _NOT,
        heading=r"solicit",
    ),
    rule(
        "no_solicit_of_customers.divert_business",
        "divert",
        r"divert (?:or attempt to divert )?(?:any )?(?:present|business|customer)",
        none=(),
    ),
    rule(
        "no_solicit_of_customers.direct",
        "customer",
        r"(?:shall|will|may|agrees?) not\b.{0,60}(?:sell|market|supply|deal|do business|enter|contract)\w*\b.{0,60}(?:directly )?(?:to|with) .{0,30}customers? of",
        none=(),
    ),
)
_RESTRAINT = r"(?:compet(?:e|ing|itive|itor)s?\b|non-?compet|exclusiv(?:ity|e right|e licen)|non-?solicit|solicit)"
COMPETITIVE_EXCEPTION = (
    rule(
        "competitive_restriction_exception.notwithstanding",
        "compet|exclusiv|solicit",
        r"(?:^|[.;:,(] ?)(?:notwithstanding|provided,? (?:however|that)|except (?:that|for|as)|nothing (?:herein|in this|contained)|the foregoing|for (?:the )?(?:avoidance|clarity|purposes)|it is (?:understood|agreed)|however)\b.{0,300}"
        + _RESTRAINT,
        r"(?:may|shall not (?:apply|prohibit|prevent|preclude|restrict|be deemed|be construed)|right to|permit\w*|entitled|free to|allowed|not (?:apply|prohibit|prevent|preclude|restrict)|does not)",
        none=(
            r"non-?exclusive (?:right|licen)|exclusive (?:jurisdiction|remed)|confidential|infring|injunct|assign|indemn|insur|patent|proxy|employ",
        ),
    ),
    rule(
        "competitive_restriction_exception.not_apply",
        "not apply|not prohibit|not preclude|not prevent|not restrict|not limit",
        r"(?:restriction|prohibition|foregoing|covenant|provision|section|exclusiv\w*|non-?competition)\b.{0,80}(?:shall not|does not|will not|do not|not) (?:apply|prohibit|preclude|prevent|restrict|limit)",
        r"(?:compet|exclusiv|sell|market|distribut|own|solicit|engag|promot|develop|licens)",
        none=(r"confidential|disclos|information|liab|damag|indemn|injunct|insur|employee|warrant|assign|law",),
    ),
    rule(
        "competitive_restriction_exception.public_shares",
        "%|percent|publicly",
        r"(?:publicly|public|stock exchange|listed|outstanding|securities)",
        r"(?:own|hold|invest)\w*\b",
        r"(?:less than|not more than|no more than|up to|not exceed|or less|one|two|five|1|2|3|5)\b.{0,20}(?:%|percent)",
        r"(?:compet|prohibit|violat|restrict|passive|apply|prevent|preclude|exception|excluding|other than|not (?:be )?deemed)",
    ),
    rule(
        "competitive_restriction_exception.general_advertising",
        "general|advertis",
        r"general(?:ized)? (?:advertis|solicit|public|recruit|employment)|not (?:specifically )?(?:directed|targeted)",
        r"(?:solicit|hire|hiring|employ)",
    ),
    rule(
        "competitive_restriction_exception.nothing_prevents",
        "nothing|not prevent|not preclude|not prohibit|not restrict",
        r"(?:nothing|shall not|does not|will not)\b.{0,80}(?:prevent|preclude|prohibit|restrict|limit)\w*\b.{0,80}(?:from|ability|right)\b.{0,120}(?:sell|market|compet|distribut|engag|licens|provid|develop|offer|enter|manufactur|supply|perform)",
        none=(r"confidential|disclos|injunct|remed|indemn|law|court|terminat|employ|notice|governmental",),
    ),
    rule(
        "competitive_restriction_exception.except_restraint",
        "except|unless|other than",
        r"(?:shall|will|may|agrees?) (?:\w+ ){0,4}not\b.{0,260}(?:compet|exclusiv)\w*\b.{0,200}(?:except|unless|other than|provided)",
        none=(r"confidential|disclos|assign|infring|solicit|law",),
    ),
    rule(
        "competitive_restriction_exception.exclusivity_lost",
        "exclusiv",
        r"(?:exclusiv\w*)\b.{0,120}(?:become non-?exclusive|terminat|convert|lose|lost|cease|waive|not apply|revert|void|non-exclusive)",
        r"(?:if|event|unless|fail|case)",
        none=(r"remedy|jurisdiction",),
    ),
    rule(
        "competitive_restriction_exception.reserve",
        "reserve|exclusiv",
        r"reserves? the right|retains? the right|may (?:also )?(?:sell|market|appoint|license)",
        r"exclusiv|territory|compet",
        r"notwithstanding|except|however|provided",
    ),
)
_HIRE = r"\b(?:solicit\w*|hire|hiring|recruit\w*|entice|induce|employ|offer (?:of )?employment|offer employment|persuade|lure|encourage)\b"
NO_SOLICIT_EMPLOYEES = (
    rule(
        "no_solicit_of_employees.shall_not_solicit",
        "solicit|hire|recruit|entice|induce|employ",
        r"(?:shall|will|agrees?|may|covenants?|must|be allowed)\b.{0,160}(?:\bnot\b|nor\b|neither|refrain)|(?:neither|no) (?:party|of)\b.{0,60}(?:shall|will|may)|agrees? not|without the (?:prior )?(?:written |express )?consent",
        _HIRE + r".{0,140}\b(?:employees?|personnel|staff|employed|employment|officers?|person|people)\b",
        r"(?:employees?|personnel|staff|employed|employment|employ)\b.{0,120}(?:of the|of (?:any|its|such|either)|by (?:the|us|any)|other part|the other|from|affiliat|to leave|who|with)|(?:leave|terminate) .{0,40}employ",
        none=(
            r"not (?:be )?(?:deemed|considered|construed|an? employee)|benefits|workers|insurance|employer.employee|joint venture|equal (?:employment )?opportunity|discriminat|felony|labor dispute|service standards|proxy|debarred|confidential information to|training|shareholder|stockholder|indemnif|convicted|minimum wage",
        ),
    ),
    rule(
        "no_solicit_of_employees.leave",
        "leave|terminate|hire|solicit",
        r"(?:induc|entic|encourag|persuad|solicit|recruit|attempt)\w*\b.{0,120}(?:leave|terminat\w*|end|cease) .{0,40}(?:employ|service|relationship|engagement)",
    ),
    rule(
        "no_solicit_of_employees.solicit",
        "employee|personnel|staff|employ|hire|consultant",
        r"(?:not\b|neither|nor\b|refrain|prohibit)",
        r"\b(?:solicit|hire|recruit|entice|lure)\w*\b.{0,140}\b(?:employees?|personnel|staff|employed|employment)\b",
        none=(r"debarred|felony|convicted|benefits|deemed",),
    ),
    rule(
        "no_solicit_of_employees.heading",
        "employ|hire|personnel|solicit",
        r"(?:employ|personnel|staff|hire)",
        _NOT,
        heading=r"solicit|no.?hire|employment of|hiring",
    ),
)
NON_DISPARAGEMENT = (
    rule(
        "non_disparagement.disparage",
        "disparag|denigrat|defam|speak ill|derogatory|disrepute",
        r"(?:shall|will|agrees?|may|covenants?|must|refrain|nor|never|terminat)\b.{0,200}(?:disparag|denigrat|defame|speak ill|derogatory|disrepute)\w*",
        none=(
            r"(?:claim|suit|action|insurance|indemnif|liab)\w*.{0,140}defam|libel|advertising injury|unfair, competitive|in any manner that (?:is )?(?:tarnish|disparag)|portrays|logo|\bproduct disparagement",
        ),
    ),
    rule(
        "non_disparagement.disparaging",
        "disparag",
        r"disparag",
        none=(r"claims? (?:for|of|arising)|indemnif|insurance|libel|product disparagement|logo|portray",),
    ),
    rule(
        "non_disparagement.manner",
        "disparag|tarnish|disrepute|derogatory|negative light",
        r"(?:disparag|tarnish|disrepute|derogatory|denigrat|negative light)",
        none=(r"claims? (?:for|of|arising)|indemnif|insurance|libel",),
    ),
    rule(
        "non_disparagement.harm_goodwill",
        "goodwill|reputation|image",
        r"(?:shall not|refrain from|not (?:to )?(?:do|engage|take|commit)|will not)\b.{0,140}(?:injur|harm|detriment|disrepute|ridicule|scandal|discredit|damag)\w*\b.{0,100}(?:reputation|goodwill|image|good name|business of)",
        none=(r"indemn|confidential|reasonabl\w+ (?:withheld|believe)",),
    ),
    rule(
        "non_disparagement.morals",
        "scandal|ridicule|disrepute|moral|embarrass",
        r"(?:scandal|ridicule|disrepute|moral turpitude|embarrass|contempt|shock|offend)\w*",
        r"(?:terminat|shall not|not to|reputation|refrain)",
        none=(r"indemn",),
    ),
)

RULES: tuple[Rule, ...] = (
    *MOST_FAVORED_NATION,
    *NON_COMPETE,
    *EXCLUSIVITY,
    *NO_SOLICIT_CUSTOMERS,
    *COMPETITIVE_EXCEPTION,
    *NO_SOLICIT_EMPLOYEES,
    *NON_DISPARAGEMENT,
)
