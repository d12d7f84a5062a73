-- What somebody said that it was instead: the category, and the line of the log that shows it.
ALTER TABLE feedback ADD COLUMN category TEXT;
ALTER TABLE feedback ADD COLUMN line TEXT;
