"""Tests of compliance.web."""
