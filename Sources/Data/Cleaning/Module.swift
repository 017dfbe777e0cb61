// Cleaning
