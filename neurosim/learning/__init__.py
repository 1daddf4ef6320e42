"""Learning by equilibrium propagation: phases, estimators, accumulators, programmers, trainer."""
