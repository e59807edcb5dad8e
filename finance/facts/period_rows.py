"""Which duration belongs to which right: the table of words that ``finance/facts/periods.py`` reads by, first row that fits."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A right and the words that make a duration its own: in the sentence, before the duration, after it; ``unless`` forbids."""

    right: str
    sentence: str
    before: str = ""
    after: str = ""
    unless: str = ""
    confidence: float = 0.9
    label: str = ""


NOTICE_AFTER = r"^(?:'s?|s')?,? ?(?:of |in )?(?:(?:advance|prior|written|previous|or more) ?,? ?)*(?:and )?(?:written )?(?:notice|notification|notif)|^'? (?:prior|before|in advance|after|from|following)\b[^.;]{0,40}(?:notice|notif)"
CAUSE = r"\bbreach|\bdefault|\bfail\w*|\bcause\b|\binsolv|\bbankrupt|\bnon-?payment|\bviolat|\bnon-?compliance|\bcure"
_DATA_BREACH = (
    r"\b(?:(?:personal|customer|client|security|data)\b[^.;]{0,30}\b(?:breach(?:es)?|incidents?)\b|breach(?:es)? of (?:\w+ ){0,3}(?:security|data|privacy|safeguards)\b"
    r"|unauthori[sz]ed (?:\w+ ){0,2}(?:access|use|disclosure|acquisition|processing)\b)"
)
_PRICED = r"(?:fees?|prices?|pricing|rates?|charges?|tariffs?|terms|polic(?:y|ies))"
_PRICE_CHANGE = rf"\b(?:rais|increas|adjust|chang|modif|amend|revis|updat)\w*\b[^.;]{{0,60}}\b{_PRICED}\b|\b{_PRICED}\b[^.;]{{0,40}}\bbe (?:raised|increased|adjusted|changed|modified|revised)\b|\b{_PRICED} (?:increases?|changes?|adjustments?)\b"
_NO_PRICE_CHANGE = r"\bterminat|\bcure|\bnon-?renew|\bnot (?:to )?(?:renew|extend)|\bchange (?:of|in) control|\bbreach|\baddress|\binsurance|\binterest rate|\bin writing\b[^.;]{0,30}\bsigned"

ROWS: tuple[Row, ...] = (
    Row(
        "cure",
        r"\bcure[ds]?\b|\bcuring\b|\bremed(?:y|ied|ying)\b|\buncured\b|\brectif|\bcorrect(?:ed|s)?\b",
        before=r"\b(?:cure\w*|curing|remed\w+|uncured|rectif\w+|corrected|breach|default|fail\w*|continu\w+|unremedied)\b[^;]{0,200}$",
        after=r"^(?:'s?)?(?: calendar| business)?(?: \(or[^)]{0,60}\))?[^.;]{0,90}\b(?:cure|remed|rectif|correct|notice|written|receipt|notif|following|after|of|period|from|the breach)|^[.,;) ]|^$",
        unless=r"\bforce majeure[^;]{0,120}continu|\binvoice|without cause|\bfor convenience|not curable within|\bpay(?:ment)? (?:is|of|shall)",
        confidence=0.9,
    ),
    Row(
        "prevent_renewal",
        r"\brenew|\bextend|\bextension|\bsuccessive",
        before=r"\b(?:unless|notice|notif\w+|election|elects?|non-?renew\w*|not (?:to )?(?:renew|extend)|intent\w*|terminat\w+|cancel\w*)\b[^;]{0,200}$",
        after=r"^(?:'s?|s')?,? ?(?:(?:advance|prior|written|previous|or more|of|in) ?)*,? ?(?:notice|notif)|^'? ?(?:prior|before|in advance|preceding|previous)\b[^;]{0,80}(?:expir|end|renew|term|anniversary|conclusion|period|date|thereof|notice)",
        unless=r"\bextend(?:ed)? (?:the )?(?:time|deadline|delivery)",
        label="notice_period_to_terminate_renewal",
    ),
    Row(
        "terminate_for_convenience",
        r"\bterminat|\bcancel|\bend (?:it|this|the)\b",
        before=r"\b(?:(?:without|with or without|for any or no|for no|no|any) (?:cause|reason)|for (?:its |any |their )?(?:sole )?convenience|at any time|at will|at its (?:sole )?(?:discretion|option)|may (?:\w+ ){0,3}(?:terminate|cancel|end (?:it|this|the))|right to (?:terminate|cancel)|entitled to (?:terminate|cancel)|can (?:terminate|cancel)|be (?:terminated|cancel\w+) by|option to (?:terminate|cancel)|until (?:terminated|cancel\w*)|terminat\w+ (?:this|the) (?:agreement|contract)\b)[^;]{0,220}$",
        after=NOTICE_AFTER
        + r"|^[.,;) ]?$|^,? (?:and|by|to|provided|if)\b|^ (?:of|after) (?:such|its|the|written) (?:notice|written)",
        unless=CAUSE.replace(r"\bcause\b|", r"(?<!without )(?<!out )(?<!no )\bfor cause\b|")
        + r"|\binsur|\bpolic(?:y|ies)|\bforce majeure|change (?:of|in) control|\bacquir|\bin the event|\bif (?:the|any|a|such|either)\b|\btakes? (?:more|longer) than",
        label="termination_for_convenience",
    ),
    Row(
        "terminate_for_cause",
        r"\bterminat|\bcancel|\brescind",
        before=r"\b(?:terminat\w*|cancel\w*|rescind\w*)\b[^;]{0,200}$",
        after=NOTICE_AFTER + r"|^[.,;) ]?$",
        unless=r"\bwithout cause|\bfor convenience|\bdismissed\b|\b(?:lasts?|takes?) (?:more|longer) than",
        confidence=0.82,
    ),
    Row(
        "dispute_invoice",
        r"\binvoice|\bstatement|\bbill(?:ed|ing)?\b|\bcharge",
        before=r"\b(?:disput\w+|contest\w*|object\w*|question\w*|challeng\w+)\b[^;]{0,160}$",
        after=r"",
        unless=r"\bresol|\bnegotiat|\bterminat",
    ),
    Row(
        "dispute_invoice",
        r"\binvoice[^.;]{0,120}\bdisput|\bdisput[^.;]{0,120}\binvoice",
        before=r"\bwithin (?:a period of )?$",
        after=r"^[^.;]{0,60}(?:disput|object|contest)",
    ),
    Row(
        "payment",
        r"\bpay|\bremit|\breimburs|\binvoice|\bsettle",
        before=r"\b(?:pay(?:s|able|ment|ments)?|paid|remit\w*|due|reimburs\w*|settled?|net|payment terms)\b[^;]{0,200}(?:\bwithin|\bnot? later than|\bno more than|\bin|\bnet|\bby|\bafter|\bleast|\bof|\bto be|\bon or before|\bon|:|-|\bor before|\bthe)?(?: a period of| the)? ?$",
        after=r"^(?:'s?)?(?: net)?(?: \(?of\)?)?,? ?(?:after|from|of|following|upon|net|in arrears|in advance|days|receipt|date|prior|before|the end|end of month|[.;,)]|$|if|unless|and|to)",
        unless=r"\bdismissed\b|\bforecast|\bpurchase orders?\b|\bp\.?o\.?\b|\bships?\b|\binsurance|\bterminat|\bhire|\bsolicit|\bcompet|\bconfidential|\brecords|\baudit|\bsurviv|\bseverance|\bcure|\bbreach|\bdefault|\bpreceding (?:the )?\w+ (?:date|month)|\bliabilit|\bpaid (?:by|to|in|during) [^;]{0,80}(?:preceding|previous|prior|during|last)|\bwarrant",
    ),
    Row(
        "payment",
        r"\bpay|\binvoice",
        before=r"\bwithin (?:a period of )?$",
        after=r"^[^.;]{0,80}\b(?:shall|will|must|agrees to) (?:pay|remit)|^[^.;]{0,60}\b(?:receipt|date|presentation)\b[^.;]{0,20}\binvoice",
        unless=r"\bdisput|\bterminat|\bcure|\bbreach",
    ),
    Row(
        "acceptance",
        r"\baccept|\breject|\binspect|\bevaluat",
        before=r"\b(?:accept\w*|reject\w*|inspect\w*|evaluat\w+|test\w*|review\w*|deliver\w*|defect\w*)\b[^;]{0,200}$|\bwithin (?:a period of )?$|\bfor (?:a period of )?$",
        after=r"^[^;]{0,160}\b(?:accept|reject|inspect|delivery|receipt|test|evaluat|defect|non-?conform)",
        unless=r"\bnotice of\b|\bdispute|\bnegotiat|\boffer\b|\bpayment|\bpay\b|\binvoice|\bfirst refusal|\bpurchase order|\bterminat|\bbooks\b|\brecords|\baudit|\bproposal|\bwarrant",
        confidence=0.82,
    ),
    Row(
        "warranty",
        r"\bwarrant|\bguarant",
        before=r"\b(?:warrant\w*|guarant\w*|free from|defect\w*|conform\w*)\b[^;]{0,220}(?:for|of|period|is|be|within|least|until|:)[^;]{0,30}$|^[^;]{0,20}(?:for|during) (?:a|the) (?:\w+ )?(?:period|term) of $",
        after=r"",
        unless=r"\bwrit\b|\bterminat|\bpay\b|\bpayment|\binvoice|\brepresents? and warrants? that (?:it|each)|\binsurance|\bcure|\bnotice of (?:termin|breach)|\bpreceding|\bprior to (?:the )?(?:effective|date)|\bduly organi[sz]ed",
        confidence=0.85,
        label="warranty_duration",
    ),
    Row(
        "non_solicit",
        r"\b(?:not|nor|neither|refrain|prohibit\w*|no)\b.{0,300}(?:\bsolicit|\bhire|\binduce|\bemploy\b|\bentice|\brecruit)|non-?solicit",
        before=r"\b(?:for|period|during|until|within|of|least|expiration|and)\b[^;]{0,60}$",
        after=r"",
        unless=r"\bterm of (?:this|the) agreement shall|\bcommence on|\bchange of control|\b(?:has|have|had) (?:been|elapsed)|\bwas (?:last )?employed|\bpay\b|\binvoice|\bcure|\bproxies|\bproxy|\bbids?\b|\bsecurities",
        label="no_solicit_of_employees",
    ),
    Row(
        "non_compete",
        r"\b(?:not|nor|neither|refrain|prohibit\w*|no|restrict\w*)\b.{0,320}\bcompet(?:e\b|es|ing|iti|or)|\bcompet(?:e\b|es|ing|iti|or).{0,200}\b(?:not|nor|neither|refrain|prohibit\w*)\b|\bnon-?compet|\brestrict(?:ed|ive) (?:period|business|covenant)",
        before=r"\b(?:for|period|during|until|within|of|least|expiration|and)\b[^;]{0,60}$",
        after=r"",
        unless=r"\bforecast|\brolling|\bchange of control|\bcommence on|\bcompetent|\bcompetitive procure|\bpay\b|\binvoice|\bcure|\bcompetitive (?:bid|pric|rate)|\bnotice",
        confidence=0.85,
        label="non_compete",
    ),
    Row(
        "confidentiality",
        r"\bconfiden|\bnon-?disclos|\bdisclos|\bproprietary",
        before=r"\b(?:for|period|surviv\w*|continu\w*|remain\w*|until|of|least|expir\w*|terminat\w+|bound|effect|and|last)\b[^;]{0,80}$",
        after=r"^(?:'s?)?[^;]{0,90}(?:after|from|following|thereafter|beyond|subsequent|disclos|terminat|expir|date|period|[.,;)]|$)",
        unless=r"\bpay\b|\binvoice|\bcure|\bnotice|\breturn|\bdestroy|\bwritten confirmation|\breduced to|\bsummari|\bmark|\bin writing within|\bwithin\b[^;]{0,12}$|\bpress release|\bpublication|\bpublish|\bmanuscript",
        confidence=0.85,
    ),
    Row(
        "audit_notice",
        r"\baudit|\binspect|\bexamin|\bbooks and records",
        before=r"",
        after=NOTICE_AFTER,
        # an owner's entry into its premises is no audit
        unless=r"\bterminat|\bpay\b[^;]{0,40}$|\brenew|\b(?:enter|entry|access to) [^;]{0,60}\bpremises\b|\bmake repairs\b",
        label="audit_rights",
    ),
    Row(
        "retention",
        r"\brecords?\b|\bbooks\b|\bretain|\bdocumentation|\baccounts\b|\bdata\b",
        before=r"\b(?:retain\w*|maintain\w*|keep|kept|preserv\w+|retention|stored?|archiv\w+)\b[^;]{0,200}(?:for|of|least|than|period|until)[^;]{0,20}$",
        after=r"",
        unless=r"\binsurance|\bconfidential",
    ),
    Row(
        "breach_notice",
        r"\b(?:security|data|personal|unauthori[sz]ed|breach|incident)\b",
        before=r"\b(?:notif\w+|notice|inform\w*|report\w*|advis\w+|tells?|alerts?)\b[^;]{0,200}(?:within|later than|than|in)[^;]{0,14}$",
        after=r"^[^;]{0,120}\b(?:breach|incident|unauthori[sz]ed|becoming aware|discover|aware|learning|knowledge)",
        unless=r"\bterminat|\bcure|\bindemnif|\bclaim",
        confidence=0.85,
    ),
    Row(
        "breach_notice",
        r"\b(?:breach|incident|unauthori[sz]ed)\b",
        before=rf"\b(?:notif\w+|notice|inform\w*|report\w*|advis\w+|tells?|alerts?)\b[^;]{{0,160}}{_DATA_BREACH}[^;]{{0,120}}\b(?:within|later than|in less than)(?: a period of)? $",
        after=r"",
        unless=r"\bterminat|\bcure|\bindemnif|\bclaim",
        confidence=0.85,
    ),
    Row(
        "change_notice",
        _PRICE_CHANGE,
        before=_PRICE_CHANGE,
        after=NOTICE_AFTER + r"|^'? ?(?:prior|before|in advance|ahead)",
        unless=_NO_PRICE_CHANGE,
        confidence=0.8,
    ),
    Row(
        "change_notice",
        _PRICE_CHANGE,
        before=rf"(?:{_PRICE_CHANGE})[^.;]{{0,120}}\b(?:notice|notif\w+)\b[^.;]{{0,40}}\b(?:of|least|than) $",
        after=r"",
        unless=_NO_PRICE_CHANGE,
        confidence=0.8,
    ),
    Row(
        "change_notice",
        r"\b(?:chang|modif|amend|increas|adjust|revis|updat|discontinu)\w*",
        before=r"",
        after=NOTICE_AFTER + r"|^'? ?(?:prior|before|in advance)",
        unless=r"\bterminat|\bcure|\brenew|\bchange (?:of|in) control|\bbreach|\baddress|\binsurance",
        confidence=0.8,
    ),
    Row(
        "post_termination",
        r"\b(?:terminat|expir)\w*",
        before=r"\b(?:for|within|period of|during|not exceed\w*|up to|least)\b[^;]{0,40}$",
        after=r"^[^;]{0,60}\b(?:after|following|from|of|beyond|subsequent to|thereafter)\b[^;]{0,60}(?:terminat|expir|thereof)",
        unless=r"\bnotice\b[^;]{0,20}$|\bcure|\bpay\b|\bbreach|\bcommence on|\bcontinue (?:for|there)|\bextend|\brenew",
        confidence=0.85,
        label="post_termination_services",
    ),
)
COMPILED: tuple[
    tuple[Row, re.Pattern[str], re.Pattern[str] | None, re.Pattern[str] | None, re.Pattern[str] | None], ...
] = tuple(
    (
        row,
        re.compile(row.sentence),
        re.compile(row.before) if row.before else None,
        re.compile(row.after) if row.after else None,
        re.compile(row.unless) if row.unless else None,
    )
    for row in ROWS
)
