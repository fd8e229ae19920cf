project = "Kubernetes入門"
extensions = ["myst_parser"]
