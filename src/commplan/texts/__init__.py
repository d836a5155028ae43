"""Every sentence a person reads, in zh-CN and en.

A key such as ``"territory.duplicate_id"`` names the catalogue by its first part
(``locale/<language>/territory.po``) and the sentence by the whole. Sentences are
``str.format`` templates.
"""

from commplan.texts.catalogue import LANGUAGES, Texts, load_texts
from commplan.texts.faults import SHOWN_FAULTS, fault_lines, input_error, render_fault

__all__ = [
    "LANGUAGES",
    "SHOWN_FAULTS",
    "Texts",
    "fault_lines",
    "input_error",
    "load_texts",
    "render_fault",
]
