"""The chaos run: everything that khaibao consists of is killed, cut, stalled and lied to, and nothing may be lost.

It speaks the public API as residents, stations and committees do, and reads the database only for the final account.
"""
