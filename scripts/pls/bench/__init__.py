"""How fast the project is: a seeded dataset of any size, and what each step costs on it."""
