"""Audits of test sets and mixtures: what their splits share, and which groups and classes they contain."""

from fer.evaluation.audits.audit_result import AuditResult
from fer.evaluation.audits.content import audit_annotators, audit_content
from fer.evaluation.audits.label_errors import audit_label_errors
from fer.evaluation.audits.mixture import audit_mixture
from fer.evaluation.audits.overlap import Overlap, audit_overlap

__all__ = [
    "AuditResult", "Overlap", "audit_annotators", "audit_content", "audit_label_errors", "audit_mixture",
    "audit_overlap",
]  # fmt: skip
