// V(theta) = m^2 (1 - cos theta) = 2 m^2 sin^2(theta/2) and dV/dtheta in units of f^2/tau_osc^2, as
// physics/potential.py has them.

INLINE real potential(real theta, real mass_squared) {
    const real h = sin(real(0.5) * theta);
    return real(2) * mass_squared * h * h;
}
INLINE real potential_slope(real theta, real mass_squared) { return mass_squared * sin(theta); }
