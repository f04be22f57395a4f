"""Lambda entry points, one module for each function of template.yaml."""
