"""Scores of a profile: forecasts of later behaviour, learned from history before its time.

`plan_cuts` says which earlier times to learn from, `label_bucket` makes each bucket's profiles and
outcomes at such a time, `fit_scores` learns all scores from them (a sample of buckets will do), and
`score_bucket` adds the scores to any bucket's profiles.
"""
