"""Everything that a merging of villages leaves in its run folder for eyes and hands."""

from pathlib import Path

from commplan.outputs.tables import findings_json, write_csv, write_json
from commplan.outputs.villages_tables import VillageReport, group_table, village_table


def write_village_outputs(folder: Path, report: VillageReport) -> None:
    """Write tables, findings, page, workbook and document into a folder that is there.

    Raises
    ------
    MissingAssetError
        Where set-up has not fetched what the page needs; it is raised before anything is written.
    """
    from commplan.outputs.villages_page import write_village_page
    from commplan.outputs.villages_report import write_village_document, write_village_workbook

    write_village_page(folder / "hearing.html", report)
    write_csv(folder / "village_groups.csv", village_table(report.plan))
    write_csv(folder / "groups.csv", group_table(report.plan))
    write_csv(folder / "stages.csv", report.plan.stages)
    write_json(folder / "findings.json", findings_json(report.findings))
    write_village_workbook(folder / "report.xlsx", report)
    write_village_document(folder / "report.docx", report)
