# The linear program is GLPK's.
LIBS_weigher_best_worst := -lglpk
