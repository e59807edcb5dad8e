"""Rules for intellectual property: ownership, licences and their reach, source code in escrow."""

from __future__ import annotations

from .rule import Rule, rule

_LICENSE = r"(?:licen[sc]e[ds]?|sublicen[sc]e[ds]?|licensing|right to use|rights? (?:and licen[sc]e )?to)"
_IP = r"(?:intellectual property|invention|patent|copyright|work(?:s| product)?\b|improvement|know-?how|deliverable|technology|trademark|\bmarks\b|development|discover|result|data\b|material|software|design|modification|derivative|proprietary right|enhancement|domain name|goodwill|content)"

_CREATED = r"(?:develop|creat|conceiv|prepar|made|produc|invent|generat|improve|modif|work product|deliverable|goodwill|results|enhancement|derivative|suggest)"
OWNERSHIP_ASSIGNMENT = (
    rule(
        "ip_ownership_assignment.assigns",
        "assign|transfer",
        r"(?:hereby|agrees? to|shall|will|does hereby|irrevocably|and|to be)\b.{0,40}(?:sells?|assigns?|transfers?|conveys?|assigned|transferred)\b.{0,160}(?:right,? ?title|rights?,? (?:title|and interest)|ownership|all (?:of its )?rights?|entire right)",
        _IP,
        none=(
            r"assign (?:this|its rights (?:and obligations )?under this) agreement|payment|receivable|not assign|may assign|shares|real property|allowances",
        ),
    ),
    rule(
        "ip_ownership_assignment.work_for_hire",
        "work for hire|works for hire|work made for hire|works made for hire|work-for-hire|work-made-for-hire|work-made for",
        r"works?.{0,8}for.hire",
        none=(r"not\W{0,3} (?:be )?(?:a |deemed )?\W?works?.{0,8}for.hire",),
    ),
    rule(
        "ip_ownership_assignment.become_property",
        "property|own|vest|belong",
        r"(?:shall|will) (?:automatically |immediately |thereupon |also |at all times |exclusively |solely |be deemed to )*(?:be|become|vest|belong|own|inure)\b.{0,60}(?:sole|exclusive|property|own(?:ed)?\b|vest|belong|benefit)",
        _CREATED,
        _IP,
        none=(
            r"each party (?:shall|will) (?:retain|own)|confidential information|jointly|\bjoint\b|pre-?existing|prior to|remain",
        ),
    ),
    rule(
        "ip_ownership_assignment.sole_owner",
        "owner|owned|own",
        r"(?:shall|will|is and shall) (?:exclusively |solely )?be (?:the )?(?:sole|exclusive)(?: and exclusive)? owner|(?:exclusively|solely) (?:be )?owned by|owned (?:exclusively|solely) by|shall (?:solely |exclusively )?own (?:all|any|the)",
        _CREATED,
        _IP,
        none=(r"jointly|confidential information|pre-?existing|each party",),
    ),
    rule(
        "ip_ownership_assignment.assign_short",
        "assign",
        r"(?:hereby|agrees? to|shall|will)\b.{0,30}\b(?:irrevocably )?assigns?\b.{0,80}" + _IP,
        none=(
            r"assign (?:this|its rights under this|any right|its interest|all or)|not assign|without the (?:prior )?(?:written )?consent|assign (?:or|and) (?:transfer|delegate)|no right to assign|neither|assign (?:a|an|private|to the study|qualified|personnel)|shall (?:not|have)|may",
        ),
    ),
    rule(
        "ip_ownership_assignment.heading",
        "own|assign|property|vest",
        r"(?:shall|will|hereby)\b.{0,60}(?:own|assign|vest|property|belong)",
        heading=r"owner|work product|invention|proprietary rights|intellectual property",
        none=(r"jointly|confidential|retain",),
    ),
)

JOINT_OWNERSHIP = (
    rule(
        "joint_ip_ownership.jointly_own",
        "joint|co-own",
        r"(?:jointly|co-?)[ -]?own|joint(?:ly)? (?:and equal(?:ly)? )?(?:own|hold|held|propert|vest|belong)|own(?:ed|ership|s)?\b.{0,30}\bjointly\b|joint owner|due jointly|undivided.{0,40}interest",
        _IP + r"|user data|know.how|domain",
        none=(
            r"joint venture (?:company|agreement|interest)|joint(?:ly)? and severally|real property|tenants|stock|shares|cable|facilit",
        ),
    ),
    rule(
        "joint_ip_ownership.joint_own_loose",
        "joint|co-own|equal",
        r"(?:jointly|co-?)[ -]?own|joint(?:ly)?\b.{0,30}\b(?:own|hold|held|propert|vest|belong)|own(?:ed|ership|s)?\b.{0,30}\bjoint(?:ly)?|equally own|equal (?:undivided )?(?:share|interest|owner)",
        none=(r"joint venture (?:company|agreement|interest)|joint(?:ly)? and several|real property|tenants",),
    ),
    rule(
        "joint_ip_ownership.created_jointly",
        "joint",
        r"(?:develop|creat|conceiv|invent|made|discover)\w*\b.{0,20}jointly|jointly (?:develop|creat|conceiv|invent|made|discover)",
        _IP,
        r"own|title|propert|belong|assign",
        none=(r"investor shall own",),
    ),
    rule(
        "joint_ip_ownership.joint_ip",
        "joint",
        r"\bjoint (?:\w+ )?(?:patent|invention|intellectual|ip\b|technolog|know.?how|improvement|data|result|work)",
        r"own|title|interest|right|prosecut",
        none=(r"joint and several|joint (?:steering|development|project) (?:committee|team)|joint venture|grants?",),
    ),
)

_TO_USE = r"to (?:use|market|distribut|reproduc|display|sell|manufactur|make|access|sublicens|copy|broadcast|exercis|operate|publish|perform|exhibit|practice|develop|exploit|promote|resell|link|install|host|offer|advertise)"
_NO_GRANT = r"no (?:right|license|licence)|not (?:be )?(?:grant|constru|deemed)|nothing|neither|shall not grant|without (?:granting|any)|may not grant|not to grant|no other|security interest|lien\b|waive[rs]|injunct|equitable|stock option|rights? of first|easement|power of attorney|right to terminate|equity|securities"
LICENSE_GRANT = (
    rule(
        "license_grant.hereby_grants",
        "grant|licens",
        r"(?:hereby|does|shall|will|agrees to|also)\b.{0,60}(?:grants?|licenses?)\b.{0,200}(?:licen[sc]e|sublicen[sc]e|right(?:s|)? (?:and licen[sc]e )?"
        + _TO_USE
        + ")",
        none=(
            _NO_GRANT,
            r"upon (?:the )?(?:expiration|termination)|represents|whereby",
        ),
    ),
    rule(
        "license_grant.grants_license",
        "grant",
        r"\bgrants?\b.{0,200}(?:licen[sc]e|exclusive right|right(?:s|)? (?:and licen[sc]e )?" + _TO_USE + ")",
        none=(
            _NO_GRANT,
            r"terminat\w+ (?:or expiration )?of this|represents|whereas|granted (?:under|pursuant|herein|hereunder)|right to grant",
        ),
    ),
    rule(
        "license_grant.heading",
        "licen[sc]e|licens|right|grant",
        r"(?:grant|licens|right|authoriz)\w*\b",
        r"(?:hereby|shall have|grants?|may use|right to|license to)",
        heading=r"licen[sc]e|grant of|trademark usage|use of (?:the )?(?:marks|trademarks|name)",
        none=(
            _NO_GRANT,
            r"terminat|shall not|may not",
        ),
    ),
    rule(
        "license_grant.nonexclusive_license",
        "licens",
        r"(?:exclusive|royalty.free|perpetual|worldwide|limited|irrevocable|non-?transferable|sublicens\w+|fully paid|revocable)\W.{0,60}\b(?:licen[sc]e|right and licen[sc]e)\b.{0,30}(?:to|under|in|of)\b",
        none=(
            _NO_GRANT,
            r"terminat|good standing|duly|permits|whereas|fcc|\"\w+ licen[sc]e",
        ),
    ),
    rule(
        "license_grant.right_to_use",
        "right|permission|consent",
        r"(?:shall|will) (?:also )?have (?:the|an?) (?:\w+,? (?:and )?){0,4}(?:right|licen[sc]e|permission)\b.{0,30}"
        + _TO_USE,
        none=(r"terminat|audit|inspect|not have",),
    ),
    rule(
        "license_grant.may_use",
        "may use|permitted to use|authorized to use|entitled to use",
        r"(?:may|permitted to|authorized to|entitled to) use\b.{0,80}(?:name|mark|logo|software|content|material|trademark|image|likeness|technology|intellectual)",
        none=(r"not",),
    ),
    rule(
        "license_grant.license_any",
        "licens",
        r"\blicen[sc]es?\b.{0,40}(?:granted|to use|hereunder)",
        none=(_NO_GRANT, r"terminat|good standing|duly"),
    ),
)

NON_TRANSFERABLE = (
    rule(
        "non_transferable_license.words",
        "transferable|transferrable|assignable|sublicensable|sublicenseable|sublicens-able|sub-licensable",
        r"(?:non|not)[ -]{0,3}(?:exclusive,? (?:and )?)?(?:transfer+able|assignable|sub-?licens[ae]?-?able)|nontransferable|nonassignable|un-?transferable|unassignable",
        r"(?:licen[sc]e|right|use)",
        none=(
            r"^(?:\W|\d)*(?:this|the) agreement\b.{0,40}(?:not|non).{0,10}(?:assignable|transferable)|agreement,? (?:its rights|and|or|is)|receivable|option|warrant",
        ),
    ),
    rule(
        "non_transferable_license.no_sublicense",
        "sublicens|sub-licens",
        r"(?:no|not|without(?: the)?|neither)\b.{0,40}(?:right (?:to|of) )?(?:grant )?(?:any )?sub-?licens",
        none=(r"unreasonabl|confidential",),
    ),
    rule(
        "non_transferable_license.not_transfer",
        "licens",
        r"(?:not|neither|nor|no)\b.{0,60}(?:assign|transfer|sublicens|lend|lease|rent|resell|convey)\w*\b.{0,80}(?:licen[sc]e|software|licensed|\bmarks\b|program|rights granted)|licen[sc]e\w*\b.{0,120}(?:may not|not|cannot) be (?:\w+ ){0,3}(?:assign|transfer|sublicens|sold)",
        none=(r"agreement (?:may|shall|is|or)|except in connection|confidential|neither party (?:may|shall|will)",),
    ),
    rule(
        "non_transferable_license.personal",
        "personal",
        r"(?:licen[sc]e|right|use)\b.{0,80}(?:personal (?:to|and|,)|, personal,)|personal,? (?:non|limited|rev)",
    ),
    rule(
        "non_transferable_license.use_not_sold",
        "sold|transfer",
        r"(?:usage|use|rights?)\b.{0,40}(?:may|shall|can) ?not be (?:\w+ ){0,3}(?:sold|transferred|assigned)",
    ),
)

AFFILIATE_LICENSOR = (
    rule(
        "affiliate_license_licensor.on_behalf",
        "affiliat|subsidiar|group",
        r"(?:on behalf of (?:itself|themselves) and|for itself and|(?:shall|will|agrees? to) cause|and shall cause|on behalf of)\b.{0,60}(?:affiliates?|subsidiar|group|members)",
        r"(?:grants?|licenses?)\b.{0,160}(?:licen[sc]e|right)",
    ),
    rule(
        "affiliate_license_licensor.owned_by_affiliates",
        "affiliate",
        r"(?:grants?)\b.{0,300}(?:licen[sc]e|right)",
        r"(?:owned|controlled|own|control|held)\b.{0,60}(?:its|their|any of its|or) affiliates",
    ),
    rule(
        "affiliate_license_licensor.party_and_affiliates_grant",
        "affiliates|subsidiaries",
        r"(?:and|or) (?:its|their) (?:affiliates|subsidiaries)\b.{0,20}(?:hereby )?(?:grants?|licenses?)\b",
    ),
    rule(
        "affiliate_license_licensor.ip_of_affiliates",
        "affiliates",
        r"(?:licensed|product|background) (?:patents?|ip|intellectual property|know.?how|technology)\W{0,3} (?:means|shall mean)",
        r"(?:own|control)\w*\b.{0,60}affiliates",
    ),
)

_AFFILIATES = r"(?:affiliates?|affiliated (?:compan|entit)\w*|subsidiar\w+|group\b|related compan\w+)"
AFFILIATE_LICENSEE = (
    rule(
        "affiliate_license_licensee.to_affiliates",
        "affiliat|subsidiar|group",
        r"grants?\b.{0,60}\bto\b.{0,60}(?:and|or|,|together with) (?:its|their|the (?:other )?members of the|all of its|any of its|each of its|his) (?:\w+ ){0,3}"
        + _AFFILIATES,
        r"(?:licen[sc]e|right)",
        none=(r"consent|agreement may",),
    ),
    rule(
        "affiliate_license_licensee.grants_affiliates",
        "affiliates|group",
        r"grants? (?:to )?(?:\w+ ){1,4}(?:and|,|together with) (?:its |the )?(?:\w+ ){0,3}" + _AFFILIATES,
        r"(?:licen[sc]e|right)",
        none=(r"on behalf of|consent",),
    ),
    rule(
        "affiliate_license_licensee.sublicense_affiliates",
        "affiliat|subsidiar",
        r"(?:sub-?licens\w*|extend|right to (?:permit|allow|authorize)|exercised?|permit)\b.{0,60}(?:to|by|through|its) .{0,40}"
        + _AFFILIATES,
        r"licen[sc]|right",
        r"(?:may|right|shall|entitled|grant)",
        none=(r"consent of|prior written|shall not|may not|no right|confidential",),
    ),
    rule(
        "affiliate_license_licensee.affiliates_may_use",
        "affiliat|subsidiar",
        r"affiliates?\b.{0,60}(?:may|shall have the right to|right to|can|entitled to|are permitted to) (?:use|access|exercise|distribute|sublicense|copy|practice)",
        none=(r"\bnot\b",),
    ),
    rule(
        "affiliate_license_licensee.license_for_affiliates",
        "affiliat",
        r"licen[sc]e\b.{0,160}(?:for|by|to|of) .{0,60}\baffiliates\b",
        r"grant",
        none=(r"on behalf of itself|consent",),
    ),
    rule(
        "affiliate_license_licensee.transfer_affiliate",
        "affiliat|subsidiar",
        r"(?:transfer|assign) (?:its |the |such )?(?:right|licen[sc]e)\w*\b.{0,60}(?:to|by) .{0,30}" + _AFFILIATES,
        r"software|licen[sc]e|content|use",
    ),
)

UNLIMITED = (
    rule(
        "unlimited_all_you_can_eat_license.unlimited",
        "unlimited|without limit|no limit",
        r"(?:unlimited|without limit(?:ation)?|no limits?) ?(?:number|right|use|usage|access|copies|users?|quantit|licen|perpetual|calls|as to|,|on the number|period|in (?:time|number|territory))",
        r"(?:licen[sc]e|use|right|access|copies|grant|includ)",
        none=(
            r"includ\w+,? (?:but not limited to|without limit\w*)|(?:by way of|without) limitation,? (?:of|the|any|all)|liabilit|damage",
            r"unlimited period",
        ),
    ),
    rule(
        "unlimited_all_you_can_eat_license.enterprise",
        "enterprise|site license|all you can eat|unrestricted",
        r"(?:enterprise.wide|site|all.you.can.eat|unrestricted|unlimited) (?:licen[sc]e|right|use)",
        none=(r"liabil",),
    ),
)

IRREVOCABLE = (
    rule(
        "irrevocable_or_perpetual_license.words",
        "irrevocabl|perpetual|non-revocable|in perpetuity",
        r"(?:irrevocabl|perpetual|non-?revocable|in perpetuity)",
        r"(?:licen[sc]|right (?:to|and)|sublicens)",
        none=(
            r"proxy|power of attorney|attorney.in.fact|jurisdiction|waive|submit|letter of credit|consents?\b|option agreement|appoint|instruct|confidential|moral rights?$",
        ),
    ),
    rule(
        "irrevocable_or_perpetual_license.survive",
        "licens",
        r"licen[sc]es?\b.{0,100}(?:surviv|continue in perpetuity|become (?:fully paid|perpetual|irrevocable))",
        none=(r"sublicens\w+ shall",),
    ),
)

SOURCE_ESCROW = (
    rule(
        "source_code_escrow.escrow",
        "escrow",
        r"escrow",
        r"(?:source|software|code|deposit|release|technology|documentation|material)",
        none=(
            r"funds?|shares|purchase price|stock|cash|payment|bank\b|real estate|closing|insurance|tax|lender|money|earnest",
        ),
    ),
    rule(
        "source_code_escrow.deposit",
        "source",
        r"source (?:code|material)",
        r"(?:deposit|escrow|release|third party (?:agent|custodian))",
        none=(),
    ),
    rule(
        "source_code_escrow.source_access",
        "source code",
        r"source code",
        r"(?:release|insolven|bankrupt|ceas\w+ (?:to do )?business|access condition|maintain)",
        r"(?:deliver|provide|licens|access|right)",
    ),
)

RULES: tuple[Rule, ...] = (
    *OWNERSHIP_ASSIGNMENT,
    *JOINT_OWNERSHIP,
    *LICENSE_GRANT,
    *NON_TRANSFERABLE,
    *AFFILIATE_LICENSOR,
    *AFFILIATE_LICENSEE,
    *UNLIMITED,
    *IRREVOCABLE,
    *SOURCE_ESCROW,
)
