// V(theta) = m^2 theta^2/2 and dV/dtheta in units of f^2/tau_osc^2, as physics/potential.py has them.

INLINE real potential(real theta, real mass_squared) { return real(0.5) * mass_squared * theta * theta; }
INLINE real potential_slope(real theta, real mass_squared) { return mass_squared * theta; }
