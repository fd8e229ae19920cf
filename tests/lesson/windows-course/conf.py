project='x'
extensions=["myst_parser"]
