package optim

// OldAdam makes Adam take the way of before, to compare.
func OldAdam(old bool) { oldAdam = old }
