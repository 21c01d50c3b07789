"""Tests of compliance.rules."""
