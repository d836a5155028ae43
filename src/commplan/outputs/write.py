"""Everything that a plan leaves in its run folder for eyes and hands."""

from pathlib import Path

from commplan.evaluate.circles import Circles
from commplan.evaluate.scorecard import Scorecard
from commplan.outputs.info import PageInfo, all_findings
from commplan.plan.plan import Plan
from commplan.policy.profile import Profile


def write_outputs(
    folder: Path,
    plan: Plan,
    scorecard: Scorecard,
    circles: Circles | None,
    profile: Profile,
    info: PageInfo,
) -> None:
    """Write tables, page, workbook and document into a folder that is there.

    Raises
    ------
    MissingAssetError
        Where set-up has not fetched what the page needs; it is raised before anything is written.
    """
    from commplan.outputs.document import write_document
    from commplan.outputs.hearing_map import write_hearing_page
    from commplan.outputs.tables import write_tables
    from commplan.outputs.workbook import Report, write_workbook

    findings = all_findings(info, plan.territory, scorecard, circles)
    report = Report(plan, scorecard, circles, profile, info, findings)
    write_hearing_page(folder / "hearing.html", plan, scorecard, circles, profile, info)
    write_tables(folder, plan, scorecard, circles, findings)
    write_workbook(folder / "report.xlsx", report)
    write_document(folder / "report.docx", report)
