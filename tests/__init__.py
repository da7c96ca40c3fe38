"""Tests of Loa Xã, in tiers by folder."""
