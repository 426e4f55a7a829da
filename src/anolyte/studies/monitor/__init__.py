"""Watching a folder into which instruments write: new files to decisions, without losing one.

`folder` sees what is new or has grown, `journal` keeps decisions and state safe against a kill,
`decide` judges spectra and rows, `watcher` joins them, `page` and `notify` tell people.
"""
