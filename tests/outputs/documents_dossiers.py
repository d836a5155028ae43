"""A dossier of the made-up town, for the tests of documents."""

from outputs_town import Made

from commplan.outputs.documents_dossier import Comment, Dossier, make_dossier
from commplan.outputs.documents_templates import read_fields
from commplan.outputs.workbook import Report

COMMENTS = (
    Comment("张三", "不同意划走，{{ 7 * 7 }}", 3),
    Comment("<李四>", "请增设卫生站\x0b", -1, "东门", "已列入计划", "采纳"),
)


def report_of(made: Made) -> Report:
    """Return the report of a made-up town."""
    findings = made.scorecard.findings
    return Report(made.plan, made.scorecard, made.circles, made.profile, made.info, findings)


def dossier_of(made: Made) -> Dossier:
    """Return its dossier, with two comments and the shipped fields."""
    return make_dossier(report_of(made), COMMENTS, read_fields())
