"""Cross sections: published formulas and tables in, one mixture of processes out."""
