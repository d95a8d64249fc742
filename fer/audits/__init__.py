"""What a test, and a mixture, can be trusted for: what splits share, and who and what is in them."""

from fer.audits.content import audit_content
from fer.audits.findings import Findings
from fer.audits.mixture import audit_mixture
from fer.audits.overlap import Overlap, audit_overlap

__all__ = ["Findings", "Overlap", "audit_content", "audit_mixture", "audit_overlap"]
