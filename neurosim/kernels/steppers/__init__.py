"""Time steppers, one scheme a file; each states its order, strong order and calculus as module constants."""
