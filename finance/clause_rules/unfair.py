"""Rules for terms that CLAUDETTE's lawyers hold potentially or clearly unfair to consumers (Lippi et al. 2019, arXiv 1805.01217).

Written against terms of service, where the provider is "we", "us" or its name and the consumer "you". ``level`` says how
clearly: 3 where the provider's discretion is unbounded or the forum is imposed, else 2.
"""

from __future__ import annotations

from .rule import Rule, rule

_MAY = r"(?:\bmay\b|\bcan\b|reserves? the right|\bright (?:at any time )?to\b|at (?:our|its|their) (?:sole )?(?:and absolute )?discretion|entitled to|\bmight\b)"
_AT_WILL = r"(?:at any time|anytime|for any (?:or no )?reason|without (?:prior |any |further )?(?:notice|liability|explanation)|with or without|sole(?: and absolute)? discretion|no reason|in our discretion|any reason|from time to time|own discretion)"
_STOP = r"(?:terminat|suspend|discontinu|cancel|withdraw|deactivat|disabl|block|clos|stop|refus|restrict|shut|den)\w*"
_SERVICE = r"(?:accounts?|access|services?|\bsites?\b|website|agreement|membership|subscription|registration|profile|application|\bapps?\b|product|use of|license|features?|terms|virtual|platform)"
_CONTENT = r"(?:content|materials?|postings?|submissions?|messages?|photos?|videos?|user ?names?|reviews?|comments?|information you|uploads?|listings?|\bdata\b|posts?\b)"

RULES: tuple[Rule, ...] = (
    rule(
        "unfair_limitation_of_liability.not_liable",
        "liable|liability|responsib",
        r"(?:\bwe\b|\bus\b|\bour\b|licensor|company|parties|inc|llc|ltd|gmbh|\w+)\b.{0,100}(?:not|no|never|neither|nor|in no event|exclud\w*|disclaim\w*)\b.{0,60}\b(?:liable|liability|responsib\w*)\b.{0,20}(?:to you|for|with respect|in respect|arising)",
        none=(
            r"you (?:are|will be|shall be) (?:solely |fully )?(?:responsible|liable)|nothing\b.{0,80}(?:limit|exclude)|not limit or exclude|surviv|relieve|monitor|\blinks?\b.{0,60}third",
            r"limited liability company",
        ),
        level=2,
    ),
    rule(
        "unfair_limitation_of_liability.no_liability",
        "liable|liability|responsib",
        r"(?:not|no|never|neither|nor|in no event|exclud\w*|disclaim\w*|limit\w*|without|under no)\b.{0,120}(?:liab|responsib)\w*",
        none=(
            r"you (?:are|will be|shall be) (?:solely |fully )?(?:responsible|liable)|your responsibility|nothing\b.{0,80}(?:limit|exclude)|not limit or exclude|surviv|relieve",
            r"limited liability company",
        ),
        level=2,
    ),
    rule(
        "unfair_limitation_of_liability.only_liability",
        "liab|remedy|recover|claim",
        r"(?:only|sole|exclusive) (?:liab|remed|recourse)\w*|claim\w*\b.{0,60}limited to|limitations and exclusions",
        level=2,
    ),
    rule(
        "unfair_limitation_of_liability.damages",
        "damage|loss",
        r"(?:indirect|incidental|consequential|punitive|special|exemplary|loss of (?:profit|data|use|goodwill|revenue))",
        r"(?:not|no|any|in no event|limit|exclud|damages|loss)",
        none=(r"you (?:agree to )?(?:indemnify|defend)",),
        level=2,
    ),
    rule(
        "unfair_limitation_of_liability.total",
        "liab",
        r"(?:total|aggregate|maximum|entire|our|overall) (?:\w+ )?liab\w*\b.{0,160}(?:exceed|limited|amount)|liab\w*\b.{0,120}(?:exceed|limited to)",
        level=2,
    ),
    rule(
        "unfair_limitation_of_liability.own_risk",
        "risk",
        r"(?:at|is|assume) (?:your|subscriber 's|the user 's|licensee 's)? ?(?:own |sole |entire )+risk|sole risk|at your risk",
        level=2,
    ),
    rule(
        "unfair_limitation_of_liability.no_refund",
        "refund",
        r"(?:not|no)\b.{0,60}refund",
        none=(r"we will refund",),
        level=2,
    ),
    rule(
        "unfair_limitation_of_liability.as_is",
        "as is|as-is|as available",
        r"\bas.is\b|as available",
        r"warrant|liab|risk",
        level=2,
    ),
    rule(
        "unfair_limitation_of_liability.health",
        "release|waive",
        r"(?:you (?:hereby )?(?:release|waive)|release \w+ from)\b.{0,120}(?:claim|liab|damage|demand)",
        level=2,
    ),
    rule(
        "unfair_unilateral_termination.at_will",
        "terminat|suspend|discontinu|cancel|withdraw|deactivat|disabl|block|clos|stop",
        _MAY + r".{0,160}" + _STOP + r".{0,160}" + _SERVICE,
        _AT_WILL,
        none=(
            r"you may (?:terminate|cancel|close|stop|deactivate|suspend)|you can (?:terminate|cancel|close|stop|delete)",
        ),
        level=3,
    ),
    rule(
        "unfair_unilateral_termination.may",
        "terminat|suspend|discontinu|cancel|withdraw|deactivat|disabl|block|clos|stop",
        r"(?:\bwe\b|\bit\b|company|licensor|reserves?|result in|inc|\bllc\b|ltd|\w+)\b.{0,60}"
        + _MAY
        + r".{0,120}"
        + _STOP
        + r".{0,120}"
        + _SERVICE,
        none=(
            r"\byou (?:may|can|have the right to) (?:\w+ ){0,3}(?:terminate|cancel|close|stop|deactivate|suspend|withdraw)|your right (?:to )?(?:cancel|withdraw)|court|law enforcement requires",
        ),
        level=2,
    ),
    rule(
        "unfair_unilateral_termination.result",
        "terminat|suspen",
        r"(?:result in|lead to|subject to|grounds for|including)\b.{0,80}(?:terminat|suspen|withdrawal)\w*",
        level=2,
    ),
    rule(
        "unfair_unilateral_termination.immediate",
        "terminat|suspen|withdraw",
        r"(?:immediate|temporary|permanent)\w*\b.{0,30}(?:withdrawal|terminat|suspen|removal)",
        level=2,
    ),
    rule(
        "unfair_unilateral_termination.we_terminate",
        "terminat",
        r"(?:\bwe\b|company|licensor) (?:may |can |will |reserve the right to )?.{0,20}terminat\w*",
        none=(r"you may terminate|if you terminate",),
        level=2,
    ),
    rule(
        "unfair_unilateral_change.terms",
        "chang|modif|amend|updat|revis|alter|vary",
        _MAY
        + r".{0,120}(?:chang|modif|amend|updat|revis|alter|vary|supplement|replac)\w*\b.{0,100}(?:terms|agreement|polic|conditions|eula|fees?|prices?|services?|rates?|rules|features|\bsites?\b|product|these)",
        none=(
            r"you may (?:change|modify|update)|you can (?:change|modify|update)|copy, modify|reproduc|derivative|your (?:account )?information|without our|not (?:to )?(?:copy|modify)|license to",
        ),
        level=2,
    ),
    rule(
        "unfair_unilateral_change.subject_to",
        "change",
        r"subject to change|(?:changes?|modifications?|amendments?|revisions?) (?:will|shall|may|become|are|take) (?:be |become )?(?:effective|binding|made|posted|effect)",
        level=2,
    ),
    rule(
        "unfair_unilateral_change.no_notice",
        "chang|modif|amend|revis",
        r"(?:chang|modif|amend|revis|updat)\w*\b.{0,120}(?:at any time|from time to time|without (?:prior |any )?notice|sole discretion|in our discretion)",
        none=(r"you may (?:change|modify)|your (?:account )?information|license",),
        level=2,
    ),
    rule(
        "unfair_unilateral_change.posting",
        "post|publish",
        r"(?:post\w*|publish\w*|display\w*)\b.{0,60}(?:revised|amended|updated|new|modified|changes|revisions|modifications)|(?:revised|amended|updated|modified|changes|revisions)\b.{0,80}(?:post|publish|display)\w*",
        none=(r"you (?:post|publish|may post)|content you post",),
        level=2,
    ),
    rule(
        "unfair_unilateral_change.check",
        "check|review|look",
        r"(?:check|review|visit|look at|responsib\w+ (?:for|to) review)\w*\b.{0,80}(?:from time to time|periodically|regularly|frequently|changes|modifications|latest|current|updated)",
        level=2,
    ),
    rule(
        "unfair_unilateral_change.add_remove",
        "add|remove|limit",
        r"\b(?:may|can|right to)\b.{0,60}(?:add|remove|impose|create)\w*\b.{0,60}(?:functionalit|features?|limits?|services?|new)",
        none=(r"you (?:may|can)|content",),
        level=2,
    ),
    rule(
        "unfair_content_removal.at_will",
        "remov|delet|edit|refus|reject|block|disabl",
        _MAY
        + r".{0,160}\b(?:remov|delet|edit|refus|reject|block|disabl|tak\w+ down|screen|filter|alter|cancel)\w*\b.{0,120}"
        + _CONTENT,
        _AT_WILL,
        none=(r"you (?:may|can) (?:remove|delete|edit)|ask us to",),
        level=3,
    ),
    rule(
        "unfair_content_removal.may",
        "remov|delet|edit|refus|reject|block|disabl",
        _MAY + r".{0,160}\b(?:remov|delet|refus|reject|block|disabl|tak\w+ down)\w*\b.{0,120}" + _CONTENT,
        none=(
            r"you (?:may|can) (?:remove|delete|edit|block)|ask us to|your (?:account )?information|you agree not|you (?:shall|must|will) not",
        ),
        level=2,
    ),
    rule(
        "unfair_content_removal.removal",
        "removal|remove|delete",
        r"(?:removal|deletion|removing|deleting|remove|delete)\b.{0,60}(?:of )?(?:any|your|all|user|such)\b.{0,30}"
        + _CONTENT,
        none=(r"you (?:may|can|will|should)|not remove|request",),
        level=2,
    ),
    rule(
        "unfair_contract_by_using.by_using",
        "using|access|use|browsing|install|download|visit|continu",
        r"\bby\b.{0,60}(?:using|accessing|visiting|browsing|installing|downloading|use|registering|clicking|continuing)\b.{0,200}\b(?:agree|accept|bound|consent|acknowledg)\w*",
        level=2,
    ),
    rule(
        "unfair_contract_by_using.use_constitutes",
        "use|using|access",
        r"\b(?:use|using|access|usage)\b.{0,200}(?:constitut\w*|signif\w*|means?|indicat\w*|deemed|shall be)\b.{0,100}(?:accept|agree|consent|acknowledg|bound)",
        level=2,
    ),
    rule(
        "unfair_contract_by_using.continue",
        "continu|keep using|whenever",
        r"(?:continu\w*|keep using|whenever)\b.{0,120}(?:use|using|access)\w*\b.{0,120}(?:agree|accept|bound|consent)|(?:agree|accept|bound|consent)\w*\b.{0,120}(?:continu\w* (?:to )?(?:use|us))",
        level=2,
    ),
    rule(
        "unfair_contract_by_using.if_not",
        "do not|don't|not use|n't",
        r"if you (?:do not|do n't|don't|disagree)\b.{0,60}(?:agree|accept)\b.{0,120}(?:not use|not access|stop using|may not|must not|do not|discontinue)",
        level=2,
    ),
    rule(
        "unfair_contract_by_using.apply_to_use",
        "apply",
        r"(?:terms|polic\w+|conditions)\b.{0,60}(?:shall |will |also )?apply to (?:any |your )?(?:such )?use",
        level=2,
    ),
    rule(
        "unfair_choice_of_law.governed",
        "law",
        r"(?:govern(?:ed|s|ing)?|constru(?:ed|e)|interpret(?:ed)?|subject to|apply|applies)\b.{0,140}\b(?:laws?|act|statutes)\b (?:of|in)\b|\blaws? of\b.{0,140}(?:\bgovern|\bapply|\bapplies)|(?:governed|construed)\b.{0,120}\b(?:law|laws|act)\b",
        none=(
            r"comply|compliance|(?:required|permitted|prohibited|invalid|unenforceable)\b.{0,40}\blaw|applicable laws? (?:and|or) regulation|export|violat\w+ (?:any|of)|where you live|law enforcement|other country|surviv",
        ),
        level=2,
    ),
    rule(
        "unfair_jurisdiction.courts",
        "court|jurisdiction|venue",
        r"(?:exclusive|jurisdiction|venue|court)\w*\b.{0,140}(?:court|jurisdiction|venue|located|county|state|district|england|california|ireland|york)",
        r"(?:agree|submit|consent|shall|must|will|brought|resolv|litigat|have|exclusive)\w*",
        none=(
            r"unenforceable|invalid by|some jurisdictions|in jurisdictions|other jurisdictions where|court of competent jurisdiction (?:finds|holds|to be)|small claims court(?! in)|held by a court|arbitrator|certain jurisdictions|authorized by|law enforcement|does not allow|jurisdictions do",
        ),
        level=3,
    ),
    rule(
        "unfair_arbitration.imposed",
        "arbitra",
        r"(?:disputes?|claims?|controvers\w+)\b.{0,400}(?:resolved?|settled?|submitted|determined|decided|referred|arbitrated?)\b.{0,80}\barbitrat\w*|\bagree\b.{0,120}\barbitrat\w*|(?:resolve|settle|submit)\b.{0,160}\barbitration",
        none=(
            r"opt.?out notice|you may opt|no arbitration|\barbitrator (?:may|will|shall|must)|initiat\w+|arbitration (?:will|shall|may) be conducted|arbitral forum|surviv|\bhearing|\bfees?\b",
        ),
        level=2,
    ),
    rule(
        "unfair_arbitration.mention",
        "arbitra",
        r"arbitra",
        r"(?:binding|agree|exclusive|waive)\w*",
        none=(r"you may opt|no arbitration|surviv",),
        level=2,
    ),
    rule(
        "unfair_arbitration.class_waiver",
        "class action|class-action|jury",
        r"(?:waiv\w*)\b.{0,120}(?:class.action|jury trial|trial by jury|class or representative)",
        level=2,
    ),
)
