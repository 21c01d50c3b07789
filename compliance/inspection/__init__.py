"""What a file is and holds, whatever its name: read by a limited process, scanned by the antivirus of the installation."""
