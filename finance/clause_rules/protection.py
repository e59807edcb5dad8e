"""Rules for what protects a party: audits, warranties, insurance, covenants not to sue, rights of third parties."""

from __future__ import annotations

from .rule import Rule, rule

_PERIOD = r"(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|eighteen|twenty|thirty|forty|sixty|ninety|\[[^\]]{0,12}\])[ \-)(\d]{0,12}(?:business |calendar |consecutive )?(?:day|week|month|year)"
AUDIT_RIGHTS = (
    rule(
        "audit_rights.audit",
        "audit|inspect|examin",
        r"(?:audit|inspect|examin)\w*\b.{0,120}(?:book|record|account|report|document|premises|facilit|financial|operation|site|plant|invoice|statement|log|compliance|royalt)|(?:book|record|account|document|facilit|premises)s?\b.{0,100}(?:audit|inspect|examin)",
        r"(?:right|may|shall|entitled|permit|allow|access|available|upon|will|open)",
        none=(
            r"fda|regulatory authorit|audited financial|inspect(?:ion)? (?:of|and|or) (?:acceptance|the products? upon)|acceptance|defect|auditors? of|government",
        ),
    ),
    rule(
        "audit_rights.right_to_audit",
        "audit|inspect",
        r"(?:right|entitled|may|permit\w*|allow\w*|opportunity) .{0,50}(?:to )?(?:conduct |perform |have )?.{0,20}(?:audit|inspect|examine|enter)",
        none=(r"audited financial|acceptance|reject|defect",),
    ),
    rule(
        "audit_rights.heading",
        "audit|inspect|examin|record|books",
        r"(?:audit|inspect|examin|record|books)",
        heading=r"audit|inspection|records|books",
    ),
    rule(
        "audit_rights.understated",
        "underpa|understat|discrepan|deficien|variance|shortfall",
        r"(?:underpa|understat|discrepan|deficien|variance|shortfall|error)\w*\b",
        r"(?:audit|inspect|examin|cost|expense)",
        r"(?:%|percent|pay|reimburs)",
    ),
    rule(
        "audit_rights.keep_books",
        "book|records",
        r"(?:keep|maintain|retain)\w*\b.{0,80}(?:books|records|accounts)",
        r"(?:inspect|audit|available|access|examin|copies|open)",
    ),
    rule(
        "audit_rights.access",
        "access",
        r"access to\b.{0,80}(?:books|records|facilit|premises|documents|plant)",
        r"(?:shall|will|right|may|allow|permit|provide|grant)",
        none=(r"license|internet|employees to perform",),
    ),
)
_CURE = r"cure|remed(?:y|ied) within|breach(?:es|ed)? (?:of )?(?:any|its|a|the) (?:material |representation)|terminat|insurance|confidential|authority|duly|organized|invoice"
WARRANTY_DURATION = (
    rule(
        "warranty_duration.for_period",
        "warrant",
        r"warrant\w*\b.{0,300}(?:for|during|within|of|until) (?:a |an |the |up to |at least )?(?:minimum |limited )?(?:period|term)?.{0,20}"
        + _PERIOD,
        r"(?:defect|conform|workmanship|material|specification|perform|error|repair|replace|warranty period|free (?:from|of)|good working|bug|media|product|service|software)",
        none=(_CURE,),
    ),
    rule(
        "warranty_duration.period_after",
        "warrant|defect",
        r"(?:warrant|defect|guarantee)",
        _PERIOD
        + r".{0,50}(?:from|after|following|of) (?:the )?(?:date of )?(?:its |their |such )?(?:shipment|delivery|acceptance|installation|receipt|purchase|completion|commission|launch|sale|manufactur|invoice|performance|start)",
        none=(_CURE,),
    ),
    rule(
        "warranty_duration.words",
        "warranty period|warranty term|period of warranty|guarantee period",
        r"(?:warranty|guarantee) (?:period|term)|period of (?:the )?warranty|warranty (?:shall|will|is) (?:be |last |extend |continue |effective |valid )?.{0,20}"
        + _PERIOD,
        none=(r"annual fee|force majeure",),
    ),
    rule(
        "warranty_duration.heading",
        "day|month|year",
        _PERIOD,
        r"(?:from|after|of|following|period|within)",
        heading=r"warrant|guarantee",
        none=(r"insurance|confidential|terminat|minimum guarantee",),
    ),
    rule(
        "warranty_duration.reject",
        "reject|defect|non-conform|nonconform|accept",
        r"(?:reject|notify|notif|notice|deemed)\w*\b.{0,200}(?:defect|non-?conform|does not (?:conform|meet)|fail\w* to (?:conform|meet)|accepted|specification)",
        r"within\b.{0,40}(?:" + _PERIOD + r"|\[|\*).{0,80}(?:receipt|delivery|deliver|arrival|shipment|inspection)",
        none=(r"payment|invoice",),
    ),
    rule(
        "warranty_duration.shelf_life",
        "shelf life|expiry|dating|defect",
        r"(?:shelf.life|latent defect|expiry dat|remaining dating)",
        _PERIOD,
        none=(r"expiry date of this",),
    ),
)
INSURANCE = (
    rule(
        "insurance.maintain",
        "insur",
        r"(?:maintain|carry|obtain|procure|keep|purchase|provide|take out|effect|secure|have in (?:force|effect)|furnish|self-?insur|require)\w*\b.{0,140}(?:insurance|policy|policies|coverage|insure)",
        r"insur",
        none=(
            r"represent|insurance (?:company|regulat|law|product|commission|agent)|receivable|health insurance portability|deposit insurance|title insurance commit|medical benefits|not (?:be )?(?:entitled|eligible)|collect",
        ),
    ),
    rule(
        "insurance.additional_insured",
        "insured",
        r"(?:additional|additionally|named|loss payee|as an?) (?:named )?insured|insured part",
        none=(r"uninsured",),
    ),
    rule(
        "insurance.certificate", "insur", r"(?:certificates?|evidence|proof) of (?:such )?(?:insurance|coverage|said)"
    ),
    rule(
        "insurance.kinds",
        "liability insurance|workers|commercial general|casualty|automobile|umbrella",
        r"(?:general liability|workers'? ?compensation|product(?:s)? liability|errors and omissions|automobile|umbrella|professional liability|property|employer'?s'? liability|casualty|all.risk|fire)\b.{0,60}(?:insurance|coverage|limit|policy)",
        none=(r"benefits|indemnif|waive|law",),
    ),
    rule(
        "insurance.limits",
        "per occurrence|aggregate|each occurrence|combined single",
        r"(?:per|each) (?:occurrence|accident|claim)|combined single limit",
        r"\$|dollars|million|\d",
    ),
    rule(
        "insurance.heading",
        "insur|policy|policies|coverage",
        r"(?:insur|polic|coverage)",
        heading=r"insurance|indemnification and insurance",
    ),
)
_RIGHT = r"(?:validity|ownership|title|enforceab\w*|rights?|patents?|\bmarks?\b|trademarks?|registration|intellectual|copyrights?|interests?|property|proprietary|names?)"
COVENANT_NOT_TO_SUE = (
    rule(
        "covenant_not_to_sue.not_challenge",
        "challeng|contest|attack|dispute|oppose|impugn|question",
        r"(?:\bnot\b|neither|nor\b|refrain|never|at no time)\b.{0,160}(?:challeng|contest|attack|oppos|disput|impugn|call in(?:to)? question)\w*\b.{0,140}"
        + _RIGHT,
        none=(
            r"good faith|tax|confidential|arbitrat|the parties agree that any dispute|invoice|assessment|defend|infringement claim|jurisdiction|venue",
        ),
    ),
    rule(
        "covenant_not_to_sue.list_item",
        "challeng|contest|attack|dispute|oppose|impugn|question",
        r"(?:challeng|contest|attack|impugn|dispute|deny)\w*\b.{0,80}(?:validity|ownership|title|enforceab)",
        none=(r"good faith|tax|confidential|arbitrat|invoice|venue",),
    ),
    rule(
        "covenant_not_to_sue.not_sue",
        "sue|action|suit|claim|proceed|institute|assert",
        r"(?:covenants?|agrees?|shall|will|undertakes?|promises?)\b.{0,60}(?:not (?:to |ever )?(?:,? under any circumstances, )?(?:sue|assert|bring|institute|make any claim|threaten|pursue) (?!.{0,40}(?:confidential))|refrain from (?:suing|bringing))",
        none=(
            r"within|until|unless|prior to (?:the )?(?:\w+ )?(?:mediat|arbitrat)|confidential|market|jurisdiction|more than|bring to|into",
        ),
    ),
    rule(
        "covenant_not_to_sue.release",
        "not to sue|release|waive",
        r"covenants? not to sue|not to sue|(?:hereby|forever|irrevocably|does) (?:\w+ ){0,2}(?:release|discharge|waive)s?\b.{0,80}(?:claim|action|suit|liabilit)",
        none=(r"jury|press release|counterclaim|sovereign|immunity|venue|forum|trial",),
    ),
    rule(
        "covenant_not_to_sue.bankruptcy_petition",
        "petition|bankrupt|institute",
        r"(?:shall not|will not|not|covenants?|agrees?)\b.{0,160}(?:institute|petition|join|invoke)\w*\b.{0,140}(?:bankrupt|insolven|reorgani|liquidat|winding|case against)",
        none=(r"terminat\w+ (?:this|upon)|\bif\b|event of default",),
    ),
    rule(
        "covenant_not_to_sue.not_register",
        "register|registration",
        r"(?:shall|will|may|agrees?|covenants?) (?:\w+ ){0,3}not\b.{0,80}(?:regist|apply|claim|assert)\w*\b.{0,100}(?:mark|name|logo|domain|right|title|interest|patent|copyright)",
        none=(r"securities act|stock",),
    ),
    rule(
        "covenant_not_to_sue.assert_interest",
        "claim|assert",
        r"(?:shall|will|agrees?|covenants?) (?:\w+ ){0,6}not\b.{0,120}(?:assert|claim)\b.{0,40}(?:any )?(?:right|title|interest|ownership)",
        none=(),
    ),
    rule(
        "covenant_not_to_sue.no_inconsistent",
        "inconsistent|adverse|jeopardi|prejudic|impair|infringe",
        r"(?:not|nor|never)\b.{0,60}(?:do|take|commit|perform|cause|engage)\w*\b.{0,60}(?:act|anything|action|thing|step)s?\b.{0,80}(?:inconsistent|jeopardi|prejudic|impair|invalidat|infring|diminish|contest)",
        r"(?:mark|intellectual|ownership|patent|copyright|name|validity|proprietary|registration)",
        none=(r"law|order",),
    ),
)
_NONE_BUT = r"(?:except|other than|provided|however|with the exception|unless|but)"
THIRD_PARTY = (
    rule(
        "third_party_beneficiary.is",
        "beneficiar",
        r"(?:is|are|be|deemed|becomes?|made) (?:\w+,? ){0,6}(?:third.party|intended|express) (?:\w+,? ){0,4}beneficiar",
        none=(
            r"(?:no person|not (?:be|intended|deemed|construed|create)|nothing|no third|neither|shall not|no other|none of|nor)",
        ),
    ),
    rule(
        "third_party_beneficiary.except",
        "beneficiar|third part|third-part|person",
        _NONE_BUT
        + r"\b.{0,160}(?:no (?:third|other|person)|not (?:a party|intend|create|confer)|nothing|neither|shall not)|(?:no (?:third|other|person)|not (?:create|confer|intend)|nothing|neither)\b.{0,200}"
        + _NONE_BUT,
        r"third.party beneficiar|intended beneficiar|beneficiar\w+ of (?:this|any)|confer\w* .{0,40}(?:benefit|right)s?",
        none=(
            r"except as (?:expressly |otherwise )?(?:provided|set forth|stated) (?:herein|in this agreement)|other than (?:the )?(?:parties|party|licensor and|company and)\b(?! .{0,60}indemn)|confidential|consequential",
        ),
    ),
    rule(
        "third_party_beneficiary.benefit_of",
        "benefit",
        r"(?:for the benefit of|entitled to the benefit|inure to the benefit of|benefit of)\b.{0,120}(?:indemnified|indemnit|nfl|franchisor|affiliates|owner)",
        r"third.part|enforce|not (?:a )?part(?:y|ies)|entitled",
        none=(r"successors and (?:permitted )?assigns",),
    ),
    rule(
        "third_party_beneficiary.enforce",
        "enforce",
        r"(?:may|shall|right to|entitled to|able to) (?:directly )?(?:be )?enforce\w*\b.{0,80}(?:directly|as (?:if|though)|third part|own right)",
        r"third.part|beneficiar|not a party",
        none=(r"may not|no right",),
    ),
    rule("third_party_beneficiary.mention", "third party beneficiar|third-party beneficiar", r"third.party beneficiar"),
)

RULES: tuple[Rule, ...] = (
    *AUDIT_RIGHTS,
    *WARRANTY_DURATION,
    *INSURANCE,
    *COVENANT_NOT_TO_SUE,
    *THIRD_PARTY,
)
