"""The decisions of the programme, as pure functions: no clock, no database, standard library only."""
