"""Rules for how a contract ends or changes hands: termination, take-over, assignment, duties after the end."""

from __future__ import annotations

from .rule import Rule, rule

_PERIOD = r"(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|eighteen|twenty|thirty|forty|sixty|ninety|\[[^\]]{0,12}\]|_{2,})[ \-)(\d]{0,12}(?:business |calendar |consecutive |full |contract )?(?:day|week|month|year)"
TERMINATION_FOR_CONVENIENCE = (
    rule(
        "termination_for_convenience.without_cause",
        "terminat|cancel|withdraw|discontinu",
        r"(?:may|right to|entitled to|can|option|elect|reserves?|be)\b.{0,120}(?:terminat|cancel|withdraw|discontinue)\w*",
        r"without (?:any )?(?:cause|reason)|(?:for|with) (?:or without|any or no|no) (?:cause|reason)|for (?:any|its|their|no) (?:or (?:for )?no )?(?:reason|cause|convenience)|for convenience|at will\b|with or without|any reason (?:or no reason|whatsoever)|non-?cause",
        none=(
            r"(?:upon|after|following|in the event of|event) (?:the |any )?(?:expiration or )?(?:termination|expiration).{0,60}for any reason",
            r"terminat\w+ (?:or expiration )?(?:of this agreement )?,? ?for any reason (?:whatsoever)?,? ?(?:the|all|each|neither|licensee|distributor|any)|terminat(?:ed|ion) for any reason|is terminated",
            r"termination of (?:his|her|the) employment|sublicens|subcontract",
        ),
    ),
    rule(
        "termination_for_convenience.sole_discretion",
        "terminat|cancel",
        r"(?:may|right to|entitled to|can|option)\b.{0,80}(?:terminat|cancel)\w*",
        r"in (?:its|their|his) (?:sole|absolute)(?: and absolute)? discretion|at its (?:sole )?(?:option|discretion|convenience|election)|without (?:any )?penalty|without liability",
        none=(
            r"\b(?:breach\w*|default\w*|insolv\w*|bankrupt\w*|fail\w*|event of)\b|upon the occurrence|if\b.{0,100}(?:not|does)",
        ),
    ),
    rule(
        "termination_for_convenience.at_any_time",
        "terminat|cancel|withdraw",
        r"(?:terminat|cancel|withdraw)\w*\b",
        r"at any time",
        r"(?:notice|notif|writing|written|reason|prior)",
        none=(
            r"\b(?:if|in the event|event that|upon the occurrence|following a|breach\w*|default\w*|fail\w*|insolv\w*|bankrupt\w*|mutual\w*|change (?:of|in) control|subagenc\w*|as follows)\b",
        ),
    ),
    rule(
        "termination_for_convenience.either_upon_notice",
        "terminat|cancel",
        r"(?:agreement|contract|lease|arrangement|services|engagement|appointment|addendum|sow|order)\b.{0,200}(?:terminat|cancel)|(?:terminat|cancel)\w*\b.{0,60}(?:agreement|contract|lease|arrangement|services|engagement|appointment|sow|order)",
        r"(?:may|right to|entitled to|can|option (?:of|to)|until|until terminated)\b.{0,80}(?:terminat|cancel)\w*",
        r"(?:upon|by|on|with|giving|least|than|provid\w+)\b.{0,40}(?:" + _PERIOD + r").{0,40}(?:notice|notif|written)",
        none=(
            r"\b(?:if|in the event|event that|event of|fail\w*|breach\w*|default\w*|insolv\w*|bankrupt\w*|cure[ds]?|force majeure|change (?:of|in) control|renew\w*|non-?payment|upon the occurrence|remed\w+|should|mutual\w*|in case)\b",
        ),
    ),
    rule(
        "termination_for_convenience.bracketed_notice",
        "terminat|cancel",
        r"(?:may|right to|entitled to)\b.{0,80}(?:terminat|cancel)\w*\b.{0,120}(?:upon|by|on|with|giving|provid\w+)\b.{0,60}(?:\d|\[|\*).{0,50}notice",
        none=(
            r"\b(?:if|in the event|event that|event of|fail\w*|breach\w*|default\w*|insolv\w*|bankrupt\w*|cure[ds]?|force majeure|change (?:of|in) control|renew\w*|non-?payment|upon the occurrence|remed\w+|should|mutual\w*|in case)\b",
        ),
    ),
    rule(
        "termination_for_convenience.by_notice_any",
        "terminat|cancel",
        r"(?:terminat|cancel)\w*.{0,120}(?:" + _PERIOD + r").{0,30}(?:notice|notif|written)",
        none=(
            r"\b(?:in the event|event of|fail\w*|breach\w*|default\w*|insolv\w*|bankrupt\w*|cure[ds]?|remed\w+|renew\w*|mutual\w*)\b",
        ),
    ),
    rule(
        "termination_for_convenience.heading",
        "terminat|cancel",
        r"(?:may|right to|entitled)\b.{0,100}(?:terminat|cancel)",
        heading=r"convenience|without cause",
        none=(r"breach",),
    ),
)
CHANGE_OF_CONTROL = (
    rule(
        "change_of_control.words",
        "change of control|change in control|change-of-control|change-in-control|change in the control|changes in control|change in ownership|change of ownership|ownership change|changes control",
        r"chang\w*.{0,6}(?:of|in|control|ownership)",
        r"(?:terminat|consent|notice|notif|assign|pay|deemed|right|transfer|acceler|option|event of)",
        none=(
            r"laws? or|may (?:assign|transfer) .{0,160}without (?:the )?(?:prior |other)|in connection with a change|connection with (?:the|a|its) (?:merger|sale|transfer)|\"change (?:of|in) control\" (?:shall )?(?:means?|includes?)|securities|warrant\b|vest",
        ),
    ),
    rule(
        "change_of_control.defined",
        "change of control|change in control|change-of-control",
        r"chang\w+ (?:of|in) control\W{0,3} (?:shall |has )?(?:means?|includes?|be deemed|the meaning)",
    ),
    rule(
        "change_of_control.mention",
        "change of control|change in control|change-of-control|change in ownership|ownership change",
        r"chang\w+.(?:of|in).(?:the )?(?:control|ownership)|ownership change",
    ),
    rule(
        "change_of_control.deemed_assignment",
        "merger|consolidation|operation of law|merge|stock|control|reorganiz",
        r"(?:merger|consolidat|reorganiz|sale of (?:all|substantially|a majority|stock|control)|transfer of (?:a )?(?:majority|control|stock|more than)|transfer of equity)",
        r"(?:deemed|constitute|considered|(?:shall|will) include|also includ\w+|shall mean|whether|result of)\b.{0,80}(?:assign|transfer|merger)|(?:assign|transfer)\w*\b.{0,100}(?:includ|whether|by (?:way of )?merger|by operation of law|through|result of)",
        r"assign|transfer",
        none=(
            r"\bsuccessors? (?:in|of|by)\b.{0,30}(?:bind|inure)|except (?:to|in connection|that)|may assign|without (?:the )?consent",
        ),
    ),
    rule(
        "change_of_control.terminate_upon",
        "merge|acqui|control|sold|sale|stock",
        r"terminat\w*\b",
        r"(?:merge[sdr]?\b|merger|consolidat|acquired by|acquisition of|(?:sale|sells?|sold|transfer) (?:of )?(?:all|substantially|control|a majority|more than|a controlling)|change (?:of|in) (?:control|ownership)|controlling interest|majority of (?:the|its) (?:voting|stock|outstanding|shares|equity|issued))",
        r"(?:may|right|entitled|option|immediate|if|upon|event)",
        none=(r"control of (?:the )?(?:fda|quality)|effective time of the merger|merger agreement",),
    ),
    rule(
        "change_of_control.consent_sale",
        "merge|control|stock|shares|ownership",
        r"(?:merger|reorganization|sale of (?:all|substantially)|acquisition)",
        r"(?:assign|transfer)\w*\b",
        r"(?:consent|without|permitted|prohibit)",
        r"substantially all|controlling|majority|merge|acqui",
    ),
    rule(
        "change_of_control.acquired",
        "acquir|merge",
        r"(?:if|event|case)\b.{0,80}(?:is acquired|acquired by|merges? with|is merged|sells? (?:all or )?substantially all|decides to sell|to merge)",
        r"(?:terminat|notif|notice|pay|assum|right|consent|option|buyout)",
    ),
    rule(
        "change_of_control.percent",
        "%|percent|majority|controlling",
        r"(?:fifty|50|majority|twenty|forty|49|51|25|20|10|controlling).{0,30}(?:%|percent|of (?:the|its)|interest).{0,80}(?:voting|stock|equity|ownership|shares|securities|interest)",
        r"(?:transfer|acqui|sale|sold|sell|control)",
        none=(
            r"audit|fee|royalt|affiliate\W{0,3} ?(?:means|shall mean)|subsidiar\w+\W{0,3} ?(?:means|shall mean)|\"control",
        ),
    ),
)
ANTI_ASSIGNMENT = (
    rule(
        "anti_assignment.not_without_consent",
        "assign|transfer|delegat|sublet|convey",
        r"\b(?:not|neither|no|nor|never|cannot|non-?assignable|nonassignable|prohibited|only)\b",
        r"(?:assign|transfer|delegat|sublet|subcontract|convey)\w*\b",
        r"(?:without|only with|unless|except (?:with|upon|as)|subject to|absent)\b.{0,80}(?:consent|approv|permission|agreement|authoriz)",
        none=(r"\bassignment of (?:invention|employee)", r"transfer of title|title to the product"),
    ),
    rule(
        "anti_assignment.not_assignable",
        "assignable|transferable|assigned|assign",
        r"(?:not|neither|no|nor)\b.{0,120}\b(?:assignable|be assigned|assign)\b",
        r"agreement|rights?|obligation|interest|contract|license",
        none=(r"assigned to (?:it|such|the work|perform)",),
    ),
    rule(
        "anti_assignment.consent_required",
        "assign|transfer",
        r"(?:assign|transfer)\w*\b.{0,160}(?:require|with|obtain|prior)\b.{0,40}(?:consent|approval)",
        r"agreement|rights?|obligation|interest|contract|franchise",
    ),
    rule(
        "anti_assignment.void",
        "assign|transfer",
        r"(?:assign|transfer)\w*\b.{0,160}(?:null|void|no force|invalid|material breach|breach of)",
    ),
    rule(
        "anti_assignment.personal",
        "personal",
        r"(?:rights?|agreement|obligation|duties|license)\b.{0,60}personal (?:to|in|nature)",
    ),
    rule(
        "anti_assignment.notice",
        "assign",
        r"(?:may|right to|shall)\b.{0,40}\bassign\w*\b.{0,140}(?:upon|provid|with|giv)\w*.{0,30}notice",
        none=(r"substitut",),
    ),
    rule(
        "anti_assignment.heading",
        "assign|transfer",
        r"(?:assign|transfer)",
        r"consent|not|without",
        heading=r"assign|transfer of",
    ),
)
POST_TERMINATION = (
    rule(
        "post_termination_services.upon_end",
        "terminat|expir|cancel",
        r"(?:upon|after|following|on|in the event of|event of|at|if|prior to)\b.{0,40}(?:termination|expiration|expiry|terminated|expires|cancellation|terminates)\b",
        r"(?:shall|will|agrees? to|must)\b.{0,100}(?:return|deliver|transition|transfer|assist|cooperat|continue|cease|sell|wind|dispos|repurchase|provide|pay|destroy|remove|complete|support|fulfill|surrender|discontinue|refund|purchase)",
        none=(
            r"confidential",
            r"\bsurviv",
            r"may terminate|right to terminate|terminate (?:this|the) agreement (?:if|upon|by|with|at)",
            r"not (?:directly|solicit|compete|engage)",
            r"notice of termination",
        ),
    ),
    rule(
        "post_termination_services.assist",
        "terminat|expir|cancel",
        r"(?:upon|after|following|on|in the event of|event of|at|if|prior to)\b.{0,40}(?:termination|expiration|expiry|terminated|expires|cancellation|terminates)\b",
        r"(?:shall|will|agrees? to|must)\b.{0,120}(?:transition|assist|cooperat|continue to (?:provide|perform|supply|support|honor|fulfill|make|be)|orderly|wind|complete (?:all|any|the)|fulfill (?:all|any)|perform)",
        none=(r"\bsurviv", r"may terminate|right to terminate", r"not (?:directly|solicit|compete|engage)|solicit"),
    ),
    rule(
        "post_termination_services.pay_after",
        "terminat|expir",
        r"(?:upon|after|following|on|in the event of|event of|if)\b.{0,60}(?:termination|expiration|terminated|expires)\b",
        r"(?:shall|will)\b.{0,60}(?:pay|repurchase|buy.?back|purchase|reimburse|refund|compensate)\b",
        none=(r"\bsurviv|may terminate|right to terminate|interest",),
    ),
    rule(
        "post_termination_services.heading",
        "terminat|expir",
        r"(?:shall|will|agrees? to|must|may)\b",
        heading=r"(?:effects?|consequences?|obligations?|rights?|duties|procedure|actions?|assistance|post).{0,30}(?:terminat|expir)|transition|wind.?down|winding.up|(?:upon|after|following|on) (?:terminat|expir)",
        none=(
            r"\bsurviv|remain in (?:full force|effect)|shall (?:also )?terminate|immediately cease",
            r"may terminate|right to terminate|not be liable",
        ),
    ),
    rule(
        "post_termination_services.sell_off",
        "inventory|sell-off|sell off|sell|stock",
        r"(?:terminat|expir)",
        r"(?:sell|dispose|distribut|repurchase|purchase|exhaust|buy.?back|deplet)\w*\b.{0,100}(?:inventor|stock|products?|remaining|on hand)|sell.off period",
        r"\b(?:may|right|shall|will|period|entitled|option)\b",
        none=(r"option to purchase stock|shares|\bsurviv|recall|dispute", r"may terminate|right to terminate"),
    ),
    rule(
        "post_termination_services.continue",
        "terminat|expir",
        r"(?:for|during|within|have) (?:a |an |up to |at least |the |not less than )?(?:period of )?.{0,30}(?:"
        + _PERIOD
        + r"|[a-z]+ \(\d+\)).{0,60}(?:after|following|from|of|subsequent to)\b.{0,60}(?:terminat|expir)",
        r"(?:shall|will|agrees? to|must|entitled|may)\b",
        none=(
            r"confidential",
            r"not (?:\w+ )?(?:directly|solicit|compete|engage|hire|employ|seek|participate)|solicit|compet|insurance|notice of|prohibited|secret|surviv|terminated by either|technolog|remain bound|vest",
            r"may terminate|renew",
        ),
    ),
    rule(
        "post_termination_services.records",
        "record|books",
        r"(?:keep|maintain|retain|preserve|inspect|audit)\w*\b.{0,200}(?:record|books)",
        r"(?:after|following|from|subsequent|beyond)\b.{0,60}(?:terminat|expir)",
        none=(r"return|confidential",),
    ),
    rule(
        "post_termination_services.transition",
        "transition|phase-out|wind-down|wind down|disengagement|termination assistance",
        r"(?:transition|phase.out|wind.?down|disengagement|termination assistance)\b.{0,60}(?:services?|assistance|period|plan)",
        r"terminat|expir",
    ),
    rule(
        "post_termination_services.cease_use",
        "cease|discontinue|return",
        r"(?:upon|after|following|on)\b.{0,40}(?:termination|expiration|expiry)",
        r"(?:cease|discontinue|return|remove|deliver)",
        none=(r"may terminate",),
    ),
)

RULES: tuple[Rule, ...] = (
    *TERMINATION_FOR_CONVENIENCE,
    *CHANGE_OF_CONTROL,
    *ANTI_ASSIGNMENT,
    *POST_TERMINATION,
)
