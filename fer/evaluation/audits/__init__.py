"""What a test, and a mixture, can be trusted for: what splits share, and who and what is in them."""

from fer.evaluation.audits.audit_result import Findings
from fer.evaluation.audits.content import audit_content
from fer.evaluation.audits.mixture import audit_mixture
from fer.evaluation.audits.overlap import Overlap, audit_overlap

__all__ = ["Findings", "Overlap", "audit_content", "audit_mixture", "audit_overlap"]
