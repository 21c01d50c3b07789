"""Tests of compliance.services."""
