"""Rules for the types outside CUAD that lawyers read first: indemnity, confidentiality, data protection, force majeure and the like."""

from __future__ import annotations

from .rule import Rule, rule

_PERIOD = r"(?:\d+|one|two|three|five|seven|ten|fourteen|fifteen|twenty|thirty|forty|forty-five|sixty|ninety|\[[^\]]{0,12}\])[ \-)(\d]{0,12}(?:business |calendar |working )?(?:day|week|month)"

RULES: tuple[Rule, ...] = (
    rule(
        "indemnity.holds_harmless",
        "indemnif|hold harmless|held harmless|save harmless|hold the",
        r"(?:shall|will|agrees? to|must|hereby|undertakes? to|covenants?)\b.{0,80}(?:indemnif(?:y|ies)|hold\b.{0,60}\bharmless|save harmless|defend)",
        none=(r"no obligation to|not (?:be )?(?:required|obligated) to indemnify|bond",),
    ),
    rule(
        "indemnity.indemnified_by",
        "indemnif|held harmless",
        r"(?:shall|will|is to) be (?:fully )?(?:indemnified|held harmless)|indemnification (?:obligation|by)\b",
    ),
    rule("indemnity.heading", "indemn|harmless", r"indemn|harmless", heading=r"indemni"),
    rule(
        "confidentiality.keep_secret",
        "confiden|proprietary information|secret|non-disclosure",
        r"(?:confidential(?:ity)?|proprietary information|trade secrets?|secret)\b",
        r"(?:shall|will|agrees?|must|may|undertakes?)\b.{0,160}(?:not (?:\w+,? ){0,4}(?:disclose|divulge|reveal|use|communicate|release|publish)|maintain|keep|hold|protect|treat|safeguard|in (?:strict )?confidence)",
        none=(r"except as (?:provided|set forth) in .{0,30}confidentiality, (?:neither|no)",),
    ),
    rule(
        "confidentiality.definition",
        "confidential information|proprietary information",
        r"\"(?:confidential|proprietary) (?:and proprietary )?information\"?\W{0,3}(?: shall| will)? ?(?:means?|includes?|refers?|is)",
    ),
    rule(
        "confidentiality.heading",
        "disclos|confiden|secret|information",
        r"(?:disclos|confiden|secret)\w*",
        heading=r"confidential|non-?disclosure|secrecy|proprietary information|trade secret",
    ),
    rule(
        "data_protection.personal_data",
        "personal data|personal information|personally identifiable|data protection|gdpr|hipaa|protected health|privacy|non-public personal|nonpublic personal",
        r"(?:personal(?:ly)?[ -](?:data|information|identifiable)|data protection|\bgdpr\b|\bhipaa\b|protected health information|non-?public personal|privacy (?:law|polic|act|rule|statement|right|regulation|requirement|legislation))",
        r"(?:shall|will|agrees?|must|comply|may not|undertakes?|process|protect|collect)\w*",
        none=(r"right of privacy|rights? of (?:privacy|publicity)|infring|defam|invasion|insurance|libel",),
    ),
    rule(
        "data_protection.breach",
        "security|data",
        r"(?:security (?:incident|breach)|data breach|breach of security|unauthorized (?:access|acquisition)\b.{0,40}\bdata)",
        r"(?:notif|notice|report|promptly|shall)\w*",
        none=(r"insurance",),
    ),
    rule(
        "data_protection.user_data",
        "user data|customer data|user information|customer information",
        r"(?:user|customer|member|subscriber)s?'?s? (?:data|information|records)\b",
        r"(?:privacy|personal|confidential|not (?:\w+ ){0,3}(?:sell|disclose|share|use|rent))",
        r"(?:shall|will|agrees?|must)\b",
    ),
    rule(
        "data_protection.heading",
        "data|privacy|personal",
        r"(?:shall|will|must|agrees?)\b",
        heading=r"data (?:protection|privacy|security)|privacy|personal (?:data|information)",
    ),
    rule(
        "force_majeure.words",
        "force majeure|act of god|acts of god|beyond",
        r"force majeure|acts? of god|(?:causes?|circumstances?|events?|conditions?|factors?) (?:\w+ ){0,3}beyond (?:the|its|their|his|such)\b.{0,30}control",
        r"(?:delay|fail|liable|perform|excus|prevent|responsib|default|suspend|obligation|notice|notify|event|occurr|means)\w*",
    ),
    rule(
        "termination_for_cause.breach",
        "terminat|cancel",
        r"(?:terminat|cancel)\w*\b",
        r"(?:breach|default|fail\w* to (?:perform|comply|pay|observe|cure|remedy|make)|violat|non-?performance|misconduct|for cause)\w*",
        r"(?:may|right|entitled|option|shall|notice|immediate)\w*",
        none=(
            r"terminat\w+ of employment|survive|confidential information|without cause\b(?!.{0,60}(?:or|breach))|not terminate|insurance",
        ),
    ),
    rule(
        "termination_for_cause.insolvency",
        "terminat|cancel|default",
        r"(?:terminat|cancel|event of default)\w*\b",
        r"(?:insolven|bankrupt|receiver|liquidat|winding.up|assignment for the benefit of creditors)\w*",
        none=(r"section 365|survive",),
    ),
    rule(
        "termination_for_cause.heading",
        "breach|default|terminat",
        r"(?:breach|default|insolven|bankrupt|terminat)\w*",
        heading=r"(?:terminat\w+ (?:for|upon|on) (?:cause|breach|default|insolven|bankrupt|material))|events? of default|default and termination|default|termination by \w+ for cause",
    ),
    rule(
        "payment.due",
        "pay|invoice|remit|due",
        r"(?:shall|will|agrees? to|must|are|is|be)\b.{0,80}(?:pay|paid|payable|remit|due|invoice)\w*",
        r"(?:within|net|no later than|not later than|on or before|upon|by the|prior to|in advance|each month|monthly|quarterly|annually|days (?:of|after|from|following))\b.{0,60}(?:"
        + _PERIOD
        + r"|receipt|invoice|month|quarter|year|day of|execution|delivery|signing)",
        none=(r"insurance (?:premium|polic)|notice of termination|cure",),
    ),
    rule(
        "payment.fee",
        "pay|fee|compensation|price",
        r"(?:shall|will|agrees? to)\b.{0,40}(?:pay|compensate|remit)\b.{0,140}(?:fee|compensation|price|sum|amount|royalt|commission|\$|invoice|charges|salary|rent)",
        none=(r"insurance|indemnif|taxes",),
    ),
    rule(
        "payment.heading",
        "pay|invoice|fee",
        r"(?:shall|will|must|agrees?|are|is)\b",
        r"(?:pay|invoice|fee|price|amount|due)",
        heading=r"payment|invoic|billing|fees?\b|compensation|consideration|royalt|pricing|prices?\b|commissions?\b",
    ),
    rule(
        "late_interest.interest",
        "interest|late|finance charge|late charge|service charge",
        r"(?:interest|late (?:fee|charge|payment)|finance charge|service charge|late penalty)\b.{0,160}(?:%|percent|per (?:month|annum)|prime|libor|rate|maximum|highest)|(?:%|percent|per month|per annum)\b.{0,100}(?:interest|late|overdue|past due|unpaid|outstanding)",
        r"(?:late|overdue|past due|unpaid|delinquent|not paid|delay|outstanding|fails? to pay|when due|due date|underpa|arrears|accru)\w*",
        none=(
            r"interest in (?:and to|the)|(?:ownership|voting|beneficial|equity) interest|voting (?:stock|securities|power)|outstanding (?:securities|shares|stock)|(?:promissory )?note\b|loan|bonds?",
        ),
    ),
    rule(
        "late_interest.heading",
        "interest|late|overdue",
        r"(?:interest|late|overdue|charge)",
        r"%|percent|rate|per month|per annum",
        heading=r"late payment|interest|late (?:fee|charge)|overdue",
    ),
    rule(
        "disputes.arbitration",
        "arbitra|mediat",
        r"(?:arbitrat|mediat)\w*",
        r"(?:dispute|controvers|claim|disagree|difference|settle|submit|resolve|final)\w*",
        none=(r"insurance|labor",),
    ),
    rule(
        "disputes.escalation",
        "dispute|controvers",
        r"(?:disputes?|controvers\w+|disagreements?)\b.{0,200}(?:resolv|settl|negotiat|escalat|good faith|submitted|referred|court|jurisdiction|litigat|amicab)\w*",
        none=(r"disputed (?:amount|invoice)|tax|third.party claim|invoice",),
    ),
    rule(
        "disputes.forum",
        "court|jurisdiction|venue",
        r"\b(?:jurisdiction|venue|courts?)\b",
        r"(?:submit|consent|exclusive|brought|venue|agree|instituted|commenced|litigat|irrevocably)\w*",
        r"(?:action|dispute|claim|proceeding|suit|jurisdiction|litigation)",
        none=(
            r"order of (?:a|any) court|court order|required (?:by|to)|subpoena|court of competent jurisdiction (?:to be|holds|finds|shall)|jurisdiction of (?:incorporation|organi)",
        ),
    ),
    rule(
        "disputes.heading",
        "dispute|arbitra|court|jurisdiction|mediat",
        r"(?:dispute|arbitra|court|jurisdiction|mediat)",
        heading=r"dispute|arbitration|mediation|jurisdiction|venue",
    ),
    rule(
        "subcontracting.may",
        "subcontract|sub-contract|delegat",
        r"sub-?contract\w*",
        r"(?:may|shall|will|must|right|consent|approv|permit|engage|use of|responsible|liable|prior)\w*",
        none=(
            r"subcontractors?,? (?:employees|agents|officers|directors)\b.{0,40}(?:harmless|negligen|indemn)|indemnif|insurance|insured|equal opportunity|minority|affirmative",
        ),
    ),
    rule(
        "subcontracting.delegate",
        "delegat|third part",
        r"(?:delegate|engage (?:third parties|a third party)|use (?:of )?third parties|through (?:a )?third part)\w*\b.{0,100}(?:perform|obligation|duties|services)",
        r"(?:may|shall|will|not|consent)\b",
        none=(r"board|assign",),
    ),
    rule("subcontracting.heading", "subcontract|contractor", r"contract", heading=r"sub-?contract"),
    rule(
        "service_levels.sla",
        "service level|sla|uptime|availability|response time|service credit|performance standard|99",
        r"(?:service levels?(?! agreement,? dated)|\bslas?\b|up-?time|service credits?|performance standards?|response times?|\b9[5-9](?:\.\d+)? ?%|ninety-(?:nine|eight|seven|five).{0,10}percent|(?:system|service|site|server|network) availability)",
        r"(?:shall|will|must|agrees?|meet|maintain|available|credit|within|percent|%)\w*",
        none=(r"audit|audited|insur|of the (?:voting|outstanding)|shares|ownership|stock",),
    ),
    rule(
        "service_levels.heading",
        "service|level|response|availab|support",
        r"(?:shall|will|must|%|hours|within)",
        heading=r"service levels?|\bsla\b|uptime|availability|performance standards|response time|service credits?",
    ),
    rule(
        "set_off.set_off",
        "set off|set-off|setoff|offset|off-set|withhold|deduct",
        r"(?:set.?off|off-?set)\b",
        r"(?:may|right|amount|against|shall|without|sums?|payment|no|entitled)\w*",
        none=(r"offset (?:printing|lithograph)|set off by|carbon|tax benefit",),
    ),
    rule(
        "set_off.withhold",
        "withhold|deduct",
        r"(?:may|right to|entitled to|shall not|without)\b.{0,60}(?:withhold|deduct)\w*\b.{0,100}(?:amount|payment|sum|from any|due|owed|fees|invoice|disputed)",
        none=(r"consent|approval|withh\w+ tax|tax|unreasonabl|income|payroll|required by law|information",),
    ),
)
