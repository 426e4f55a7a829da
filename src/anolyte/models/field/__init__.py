"""The field simulation: current, lithium, voids, stress and fracture on a structured grid."""
