"""A screen: thousands of candidates through a funnel of estimators to a ranked short list."""
