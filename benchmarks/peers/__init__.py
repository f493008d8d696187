"""One module per kind of peer; each defines a class that meets `benchmarks.peers.contract.Peer`."""
