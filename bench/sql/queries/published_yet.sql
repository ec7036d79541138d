-- Whether anything is served of what is loaded: all is read then.
SELECT EXISTS (SELECT FROM etl.published)
