"""Every seam where two hospitals could be mixed up: session, blobs, jobs, identity, permission, audit."""
