"""The sky at radio frequencies: brightness of converted ALPs, measured points, the 21 cm line.

Source: A. Addazi et al., "Excess Radiation from Axion-Photon Conversion" (2024). Frequencies are
those of today in Hz, temperatures in kelvin, fields of today in gauss, lengths comoving in Mpc.
"""
