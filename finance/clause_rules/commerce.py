"""Rules for the business between the parties: first refusal, shares of revenue, prices, minima and maxima."""

from __future__ import annotations

from .rule import Rule, rule

FIRST_REFUSAL = (
    rule(
        "rofr_rofo_rofn.words",
        "first refusal|first offer|first negotiation|rofr|rofo|rofn|right of first|first right|last refusal|first opportunity|pre-emptive|preemptive|right of refusal|first option",
        r"(?:right|opportunity|option|notice)s? (?:of|for|to) first|first (?:right|refusal|offer|negotiat|opportunity|option)|\brof[ron]\b|pre-?emptive right|last refusal|right of refusal|right of negotiation",
        none=(r"without (?:any )?(?:right|preemptive)|free (?:of|from)|free and clear", r"first offer(?:ed)? for sale"),
    ),
    rule(
        "rofr_rofo_rofn.negotiate_first",
        "negotiat",
        r"(?:exclusive|good faith|first)\b.{0,40}negotiat|negotiat\w*\b.{0,60}(?:exclusive|good faith)",
        r"(?:option|right|prior to|before|offer|third part)",
        r"(?:third part|any other|other person|another)",
        none=(r"dispute|controvers|mediat|arbitrat",),
    ),
    rule(
        "rofr_rofo_rofn.match",
        "match|bona fide",
        r"(?:match\w*\b.{0,60}(?:offer|terms)|bona fide\b.{0,60}offer)",
        r"(?:right|option|purchase|acquire|accept|notif|notice)",
    ),
    rule(
        "rofr_rofo_rofn.option",
        "option",
        r"(?:shall|will) have (?:the|an?) (?:\w+ )?(?:option|right)\b.{0,60}(?:purchase|acquire|license|obtain|add|distribute|participate|negotiate)\w*\b",
        r"(?:offer|propos|intend|desire|elect|determin|wish|decid)\w*",
        none=(r"audit|inspect|renew|terminat|stock option",),
    ),
    rule(
        "rofr_rofo_rofn.offer_first",
        "offer|propos",
        r"(?:if|in the event|before|prior to|should)\b.{0,100}(?:propos|intend|desire|wish|elect|decid|plan|determin)\w*\b.{0,60}(?:to )?(?:sell|transfer|license|assign|dispose|offer|develop|grant|enter)\w*",
        r"(?:shall|will|must) (?:first )?(?:offer|notify|provide|give|inform|negotiate)",
        none=(r"terminat|insur|confidential",),
    ),
)
_AUDIT = r"audit|understate|underpa|discrepan|deficien|past due|late payment|per annum"
REVENUE_SHARING = (
    rule(
        "revenue_profit_sharing.share",
        "revenue|profit|proceeds|commission|royalt|sales|income|receipts|fee|margin",
        r"(?:shar(?:e|es|ed|ing) (?:of|in|the|equally|with)?.{0,30}(?:revenue|profit|proceeds|income)|(?:revenue|profit|income|fee)s?.{0,3}shar(?:e|ing)|split\b|(?:proceeds|profits?|revenues?) .{0,60}(?:shared|split|divided|distributed|allocated))",
        none=(
            r"shares of (?:common|stock|capital)|liable|lost|loss of|share(?:holder|s of)|market share|earnings per|stock split|split.dollar|reverse split|damages|securities|partnership|joint venture or",
        ),
    ),
    rule(
        "revenue_profit_sharing.percent",
        "%|percent",
        r"(?:\d|\]|\*|_|[a-z])\)? ?(?:%|percent(?:age)?|per cent)\)?.{0,60}\bof\b.{0,100}(?:revenue|profit|proceeds|gross (?:sales|receipts|margin)|net (?:sales|receipts|income|advertis|fee)|gross|sales|receipts|commission|amounts? (?:received|collected|paid)|fees? (?:received|collected|earned|paid)|premium|income|transaction)",
        r"(?:pay|receive|retain|entitled|remit|royalt|commission|fee|share|split|earn|owe|equal to)",
        none=(_AUDIT, r"interest at|late|below|less than|exceeds? (?:five|ten|5|10|3|2)", r"lost profits|liabilit"),
    ),
    rule(
        "revenue_profit_sharing.royalty",
        "royalt",
        r"(?:pay|paid|payable|receive|rate|entitled)\w*\b.{0,80}royalt|royalt\w*\b.{0,60}(?:equal|at|of|rate|pay|percent|%)",
        r"%|percent|net sales|rate|gross|per (?:unit|each)|\$",
        none=(r"royalty.free|late", _AUDIT),
    ),
    rule(
        "revenue_profit_sharing.royalty_any",
        "royalt",
        r"(?:shall|will|agrees? to) pay\b.{0,120}royalt|royalt\w*\b.{0,60}(?:shall be|is|are) (?:paid|payable|due)",
        none=(r"royalty.free|no royalt",),
    ),
    rule(
        "revenue_profit_sharing.commission",
        "commission",
        r"commissions?\b.{0,80}(?:%|percent|of|equal|rate|at)",
        r"pay|paid|receive|earn|entitled",
        none=(
            r"(?:securities and exchange|trade|public (?:utilit|service)|federal) commission|commissions? shall not|commissioner|commissioning|sales commission staff|no commission|\bcommission of the|sec\b|rules and regulations",
        ),
    ),
    rule(
        "revenue_profit_sharing.heading",
        "%|percent|revenue|profit|royalt|commission",
        r"(?:%|percent|share|royalt|commission)",
        heading=r"revenue|profit|royalt|commission|shar(?:e|ing)|running royalt",
        none=(
            _AUDIT,
            r"books|royalty.free|registration|securities|shares",
        ),
    ),
    rule(
        "revenue_profit_sharing.net_sales",
        "%|percent",
        r"(?:%|percent)",
        r"net (?:sales|revenue|profit|receipts)|gross (?:revenue|profit|sales|receipts)",
        none=(_AUDIT,),
    ),
    rule(
        "revenue_profit_sharing.stock",
        "shares|stock|options|warrant",
        r"(?:shall|will|hereby)\b.{0,80}(?:receive|grant|issue|award|provide)\w*\b.{0,80}(?:shares|options|warrants?|stock grants?)\b",
        r"(?:common stock|restricted|services|consult|compensat|performing|endorse|celebrity|promot)",
        none=(
            r"underwriter|offering|registration statement|securities act|offered shares|prospectus|registrable|merger",
        ),
    ),
)
PRICE_RESTRICTIONS = (
    rule(
        "price_restrictions.increase_cap",
        "price|fee|rate|charge",
        r"(?:price|fee|rate|charge)s?\b.{0,100}(?:increas|rais|adjust|chang)\w*\b",
        r"(?:not|no|may|only|exceed|more than|limit|greater|never|cap)",
        r"(?:%|percent|consumer price|cpi\b|once|more than|exceed)",
        none=(r"interest|insurance|royalt",),
    ),
    rule(
        "price_restrictions.resale",
        "price",
        r"(?:minimum|maximum|suggested|resale|floor|ceiling|lowest|retail)\b.{0,30}pric",
        r"(?:not|no|below|less than|above|exceed|must|shall|only|least)",
        none=(r"most favou?red",),
    ),
    rule(
        "price_restrictions.no_increase",
        "price|fee|rate|charge",
        r"(?:price|fee|rate|charge|pricing)s?\b.{0,80}(?:not (?:be )?(?:increas|rais|chang)|fixed|firm|remain|no (?:price )?increase|held)",
        none=(r"interest",),
    ),
    rule(
        "price_restrictions.prices_set",
        "price",
        r"(?:prices?|pricing)\b.{0,60}(?:set|determined|establish)",
        r"(?:not|no|approv|consent|only|discount)",
        r"(?:sell|offer|charge|resale|customer)",
    ),
)
_NO_MINIMUM = r"no minimum|not be subject to any minimum|not include a minimum|no (?:obligation|commitment) to (?:purchase|order)|minimum (?:amount (?:of (?:information|time)|legally|reasonably)|number of meetings|standard|qualit|wage|insurance|limits?|coverage|specification|qualification|balance|capital|rating|age\b|hardware|system|price)|insur|coverage|confidential"
MINIMUM_COMMITMENT = (
    rule(
        "minimum_commitment.minimum",
        "minimum|at least|no less than|not less than|no fewer than|not fewer than|a minimum",
        r"(?:minimum|no less than|not less than|at least|no fewer than|not fewer than)\b.{0,100}(?:purchas|order|quantit|volume|unit|sales|royalt|payment|commitment|amount|guarant|\$|annual|impression|revenue|shipment|delivery|deliver|tons|mw|per (?:month|year|week|quarter)|each (?:month|year|calendar|contract))",
        r"(?:shall|will|agrees?|must|commit|guarant|obligat|require)\b",
        none=(
            _NO_MINIMUM,
            r"(?:at least|not less than|no less than|minimum (?:of )?)\W{0,3}(?:\w+ ){0,3}\(?\d*\)? ?(?:business |calendar )?(?:days?|months?|hours?|years?)\b(?!.{0,80}(?:purchas|order|unit|\$))",
            r"notice|audit|record|credit|net worth|at least (?:once|one|annually|quarterly|monthly)|percent of the (?:voting|outstanding)|training|registration|meeting|votes?",
        ),
    ),
    rule(
        "minimum_commitment.words",
        "minimum",
        r"minimum (?:annual |purchase |order |sales |guarantee|royalt|commitment|quantit|volume|payment|amount|monthly |quarterly |number|net |take|yearly|revenue|performance|unit|fee|spend|daily )+",
        none=(_NO_MINIMUM, r"minimum order (?:size|quantit)"),
    ),
    rule(
        "minimum_commitment.purchase_commitment",
        "commit|guarantee|take or pay|take-or-pay",
        r"(?:commits?|guarantees?|obligated|agrees|shall) to (?:purchase|buy|order|spend|pay|sell|deliver|take)\b.{0,80}(?:\d|\[|\*)|take.or.pay|volume commitment|commitment fee|guaranteed (?:minimum|payment|amount|purchase|annual)",
        none=(r"insur|consult|registration|interest|per annum",),
    ),
    rule(
        "minimum_commitment.shall_purchase",
        "purchase|order|buy|spend",
        r"(?:shall|will|agrees to|must|commits to) (?:purchase|order|buy|spend|sell|deliver|pay)\b.{0,60}(?:minimum|at least|no(?:t)? (?:less|fewer) than|\d[\d,]* (?:units|products|systems|tons|cases))",
        none=(r"insur|notice|days",),
    ),
    rule(
        "minimum_commitment.heading",
        "minimum|least|purchase|order|shall|will|quota",
        r"(?:\d|\[|minimum|quota)",
        r"(?:shall|will|must|agrees?)\b",
        heading=r"minimum|purchase commitment|guarantee[ds]? (?:payment|minimum)|quota|performance (?:requirement|milestone)",
    ),
    rule(
        "minimum_commitment.requirements",
        "requirements|quota|shortfall",
        r"(?:quota|shortfall|all of its requirements|percent.{0,20}requirements)",
        r"purchas|order|sales|pay",
        none=(r"insur|capacity shortfall",),
    ),
)
_COUNT = r"(?:\d|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|fifty|\[|\*)"
_THING = r"(?:hours?\b|copies|users?\b|units?\b|impressions?|appearances?|seats?\b|servers?\b|transactions?|calls?\b|barrels?|kilobytes|gallons|production days?|autograph\w*|personnel|persons?\b|employees|tickets|samples|batches|revisions|banners?|compounds?|systems?\b|devices|engagements?|locations?|stores?|products?\b|pounds|tons?\b|subscribers|queries|records|pages|sites?\b)"
_NO_VOLUME = r"insur|liabilit|interest|terminat|royalt|indemn|voting|confidential|arbitrat|audit|cure|breach|warrant|shares|late|fee per|withhold|tax"
VOLUME_RESTRICTION = (
    rule(
        "volume_restriction.up_to",
        "up to|maximum|not exceed|in excess|exceed|no more than|more than|limited to|cap ",
        r"(?:up to (?:a maximum of )?|maximum (?:number )?of|no more than|not more than|not (?:to )?exceed|in excess of|limited to|(?:not|nor) .{0,60}more than)\s?.{0,20}"
        + _COUNT
        + r"\S*.{0,30}"
        + _THING,
        none=(_NO_VOLUME, r"business days|\bdays?\b.{0,20}(?:notice|after|from|prior)"),
    ),
    rule(
        "volume_restriction.excess_needs",
        "exceed|excess|additional|above|over",
        r"(?:exceed\w*|in excess of|above|over|additional)\b.{0,80}(?:maximum|limit|number|allotment|forecast|capacity|hours|quantit|volume|usage)",
        r"(?:consent|approv|charge|fee|pay|rate|bill|not (?:be )?(?:obligat|require))",
        none=(_NO_VOLUME,),
    ),
    rule(
        "volume_restriction.additional_charge",
        "overage|excess",
        r"(?:excess (?:usage|hours|capacity|quantit|bandwidth|transaction)|overage)",
        none=(_NO_VOLUME,),
    ),
    rule(
        "volume_restriction.forecast_exceed",
        "forecast|capacity",
        r"(?:exceed|in excess of|greater than|above|over|deviate)\b.{0,80}(?:forecast|capacity|\d+ ?%|percent)",
        r"(?:supply|deliver|order|manufactur|purchase|quantit)",
        none=(r"liabilit|insur",),
    ),
    rule(
        "volume_restriction.maximum",
        "maximum",
        r"maximum (?:number|quantity|volume|amount of (?:product|hours|information)|capacity|usage|daily|order|annual|monthly|of)\b",
        none=(r"liabilit|insur|extent|interest|rate",),
    ),
    rule(
        "volume_restriction.limited_number",
        "limited|limit",
        r"(?:limited|limit\w*) (?:to|the number)\b.{0,40}" + _COUNT + r".{0,40}" + _THING,
        none=(_NO_VOLUME, r"not limited to"),
    ),
)

RULES: tuple[Rule, ...] = (
    *FIRST_REFUSAL,
    *REVENUE_SHARING,
    *PRICE_RESTRICTIONS,
    *MINIMUM_COMMITMENT,
    *VOLUME_RESTRICTION,
)
