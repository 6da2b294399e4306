// film
