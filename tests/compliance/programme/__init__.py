"""Tests of compliance.programme."""
