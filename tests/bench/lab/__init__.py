"""What the comparison with etcd is made of; see ../DESIGN.md."""
