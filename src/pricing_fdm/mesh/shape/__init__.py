"""Judges a part's shape in the pose that is printed, for warnings that a customer understands."""
